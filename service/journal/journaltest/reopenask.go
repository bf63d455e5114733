package journaltest

import (
	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

var reopenAskTests = map[string]func(*desk){
	"reopen: a turn that ran and had shown something is interrupted": func(d *desk) {
		a := d.askAndStop(showing("1", channels.Reply{Text: "a"}, fullPart().Reply))
		want := journal.Known{
			Digest: []byte("digest"), State: journal.StateInterrupted,
			Replies: [][]channels.Reply{{{Text: "a"}, fullPart().Reply}},
		}
		d.same("known", d.recall("1"), want)
		d.fencedAsk(a)
		seat := d.seat()
		defer seat.Release()
		d.same("known", d.repeat(seat, "digest"), want)
		d.same("fresh", d.enqueue(message("ann", "1")), []bool{false})
	},
	"reopen: what was shown need not be a reply": func(d *desk) {
		d.askAndStop(journal.Step{Shown: true})
		d.same("known", d.recall("1"), journal.Known{Digest: []byte("digest"), State: journal.StateInterrupted})
	},
	"reopen: a turn that ran and had shown nothing failed, and may begin anew": func(d *desk) {
		old := d.askAndStop(journal.Step{})
		d.same("known", d.recall("1"), journal.Known{Digest: []byte("digest"), State: journal.StateFailed})
		d.fencedAsk(old)
		seat := d.seat()
		defer seat.Release()
		d.same("state", d.repeat(seat, "other").State, journal.StateFailed)
		a := d.ask(seat, message("ann", "1"), "digest")
		if a.Token <= old.Token {
			d.Errorf("token %d follows %d", a.Token, old.Token)
		}
		d.fencedAsk(old)
		d.endAsk(a, journal.OutcomeDone)
		d.same("state", d.recall("1").State, journal.StateDone)
	},
	"reopen: a turn that ended stays as it ended": func(d *desk) {
		d.asked("1", journal.OutcomeDone, "a", "b")
		d.asked("2", journal.OutcomeFailed)
		d.asked("3", journal.OutcomeInterrupted, "c")
		d.asked("4", journal.OutcomeDone)
		d.push("5", "a")
		d.put("ann", "6")
		all := []string{"1", "2", "3", "4", "5", "6"}
		want := d.recallAll(all)
		d.reopen()
		d.same("known", d.recallAll(all), want)
	},
	"reopen: nobody has the seat that a caller had": func(d *desk) {
		leave := d.seat().Release
		d.put("ann", "1")
		d.reopen()
		leave()
		d.inOrder("1")
		d.seat().Release()
	},
	"reopen: what was pushed waits still, and its key is known": func(d *desk) {
		d.push("1", "a", "b")
		d.reopen()
		d.OpenOutbox("web")
		d.same("digest", d.pushKnown(pushOf("1", "c")).Digest, []byte("digest of 1"))
		d.sent("a", "b")
	},
}

// askAndStop opens the store again in the middle of the turn of message 1 of ann's,
// after a step.
func (d *desk) askAndStop(s journal.Step) journal.Asked {
	d.Helper()
	seat := d.seat()
	a := d.ask(seat, message("ann", "1"), "digest")
	d.settleAsk(a, s)
	d.reopen()
	seat.Release()
	return a
}

// recallAll returns what is known of messages of ann's.
func (d *desk) recallAll(ids []string) (all []journal.Known) {
	d.Helper()
	for _, id := range ids {
		all = append(all, d.recall(id))
	}
	return all
}
