package journaltest

import (
	"context"
	"testing/synctest"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

var settleTests = map[string]func(*desk){
	"settle: a retry stays first and blocks its own line only": func(d *desk) {
		d.put("ann", "1", "2")
		d.put("bob", "b1", "b2")
		turns := d.turns("1", "b1")
		d.retry(turns["1"].Claim, time.Hour)
		d.noNext()
		d.end(turns["b1"].Claim, journal.OutcomeDone)
		d.next("b2")
		d.noNext()
		time.Sleep(time.Hour - 10*moment)
		d.noNext()
		time.Sleep(10 * moment)
		turn := d.next("1")
		d.same("attempt", turn.Attempt, 2)
		d.end(turn.Claim, journal.OutcomeDone)
		d.same("attempt", d.next("2").Attempt, 1)
	},
	"settle: the retry of a message that was waited for counts, and knows what was shown": func(d *desk) {
		turns := make(chan journal.Turn)
		go func() {
			turn, err := d.Next(d.Context())
			d.check("Next", err)
			turns <- turn
		}()
		synctest.Wait()
		d.put("ann", "1")
		d.settle((<-turns).Claim, journal.Step{
			Parts: []channels.Part{part("ann", "p")}, End: &journal.End{Outcome: journal.OutcomeRetry},
		})
		again := d.next("1")
		d.same("attempt and shown", []int{again.Attempt, again.Shown}, []int{2, 1})
		d.retry(again.Claim, 0)
		d.same("attempt", d.next("1").Attempt, 3)
	},
	"settle: retries come due in the order of time": func(d *desk) {
		for _, sender := range []string{"c", "a", "b"} {
			d.put(sender, sender)
			d.retry(d.next(sender).Claim, time.Duration(sender[0]-'a'+1)*time.Hour)
		}
		for _, sender := range []string{"a", "b", "c"} {
			turn, err := d.Next(d.Context())
			d.is("Next", err, nil)
			d.same("sender", turn.Message.Sender, sender)
		}
	},
	"settle: a claim that ended or never was is fenced, and changes nothing": func(d *desk) {
		d.put("ann", "1", "2")
		old := d.next("1").Claim
		d.retry(old, 0)
		d.fenced(old)
		current := d.next("1").Claim
		if current.Row != old.Row || current.Token <= old.Token {
			d.Errorf("claim %+v follows %+v", current, old)
		}
		d.fenced(old)
		d.fenced(journal.Claim{Row: current.Row, Token: current.Token + 1})
		d.fenced(journal.Claim{Row: current.Row + 1, Token: current.Token})
		d.end(current, journal.OutcomeDone)
		d.fenced(current)
		d.same("shown", d.next("2").Shown, 0)
		d.depth(journal.Depth{Inbox: 1})
	},
	"settle: an outcome that is none is refused, and the claim stays": func(d *desk) {
		d.put("ann", "1")
		turn := d.next("1")
		step := journal.Step{Parts: []channels.Part{part("ann", "p")}, End: &journal.End{Outcome: "lost"}}
		if err := d.Settle(d.Context(), turn.Claim, step); err == nil {
			d.Error("Settle takes it")
		}
		d.depth(journal.Depth{Inbox: 1})
		d.end(turn.Claim, journal.OutcomeDone)
	},
	"settle: an ended context changes nothing, and the claim stays": func(d *desk) {
		ctx, cancel := context.WithCancel(d.Context())
		cancel()
		d.put("ann", "1")
		turn := d.next("1")
		step := journal.Step{Parts: []channels.Part{part("ann", "p")}, End: &journal.End{Outcome: journal.OutcomeDone}}
		d.is("Settle", d.Settle(ctx, turn.Claim, step), context.Canceled)
		d.depth(journal.Depth{Inbox: 1})
		d.settle(turn.Claim, step)
		d.depth(journal.Depth{Outbox: 1})
	},
	"settle: parts can be seen after their step, in order": func(d *desk) {
		d.OpenOutbox("web")
		d.put("ann", "1")
		turn := d.next("1")
		d.noPart()
		d.settle(turn.Claim, journal.Step{Parts: []channels.Part{part("ann", "p1"), part("ann", "p2")}})
		d.settle(turn.Claim, journal.Step{
			Parts: []channels.Part{part("ann", "p3")}, End: &journal.End{Outcome: journal.OutcomeDone},
		})
		for _, id := range []string{"p1", "p2", "p3"} {
			d.settlePart(d.nextPart(id).Claim, journal.PartOutcome{Sent: true})
		}
		d.depth(journal.Depth{})
	},
	"settle: steps with parts are counted": func(d *desk) {
		d.put("ann", "1")
		turn := d.next("1")
		d.settle(turn.Claim, journal.Step{})
		d.settle(turn.Claim, journal.Step{Parts: []channels.Part{part("ann", "p1"), part("ann", "p2")}})
		d.settle(turn.Claim, journal.Step{
			Parts: []channels.Part{part("ann", "p3")},
			End:   &journal.End{Outcome: journal.OutcomeRetry},
		})
		d.same("shown", d.next("1").Shown, 2)
	},
	"settle: what failed or was interrupted is a dead letter, and the next begins": func(d *desk) {
		d.enqueue(fullMessage())
		d.end(d.next("1").Claim, journal.OutcomeFailed)
		d.put("ann", "2", "3")
		d.end(d.next("2").Claim, journal.OutcomeInterrupted)
		d.next("3")
		list := d.dead("1", "2")
		d.same("message", *list[0].Message, fullMessage())
		d.same("kinds", []string{list[0].Kind, list[1].Kind}, []string{"failed", "interrupted"})
		d.same("reason", list[0].Reason, "because")
		if age := time.Since(list[0].Died); age < 0 || age > time.Second {
			d.Errorf("it died %v ago", age)
		}
		d.depth(journal.Depth{Inbox: 1, DeadLetters: 2})
	},
}

// fenced checks that the claim can't be settled in any way.
func (d *desk) fenced(c journal.Claim) {
	d.Helper()
	parts := []channels.Part{part("ann", "fenced")}
	for _, step := range []journal.Step{
		{},
		{Parts: parts},
		{Parts: parts, End: &journal.End{Outcome: journal.OutcomeDone}},
		{End: &journal.End{Outcome: journal.OutcomeRetry, At: time.Now().Add(time.Hour)}},
		{End: &journal.End{Outcome: journal.OutcomeFailed}},
	} {
		d.is("Settle", d.Settle(d.Context(), c, step), journal.ErrFenced)
	}
	got := d.depths()
	d.same("parts and dead letters", []int{got.Outbox, got.DeadLetters}, []int{0, 0})
}
