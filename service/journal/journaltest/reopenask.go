package journaltest

import (
	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

var reopenAskTests = map[string]func(*harness){
	// The turn of an asked message that had shown something when the process ended counts
	// as interrupted; a repeat gets its replies and no new turn.
	"reopen: a turn that ran and had shown something is interrupted": func(h *harness) {
		a := beginAndReopen(h, replyStep("1", channels.Reply{Text: "a"}, fullPart().Reply))
		want := journal.Known{
			Digest: []byte("digest"), State: journal.StateInterrupted,
			Replies: [][]channels.Reply{{{Text: "a"}, fullPart().Reply}},
		}
		h.equal("known", h.asks.recall("1"), want)
		h.asks.wantFenced(a)
		lock := h.asks.acquire()
		defer lock.Release()
		h.equal("known", h.asks.beginKnown(lock, "digest"), want)
		h.equal("fresh", h.inbox.enqueue(message("ann", "1")), []bool{false})
	},
	// A turn that had shown something counts as interrupted also when no reply was
	// recorded.
	"reopen: what was shown need not be a reply": func(h *harness) {
		beginAndReopen(h, journal.Step{Shown: true})
		h.equal("known", h.asks.recall("1"), journal.Known{Digest: []byte("digest"), State: journal.StateInterrupted})
	},
	// The turn of an asked message that had shown nothing when the process ended counts as
	// failed; a repeat with the same digest begins a new turn.
	"reopen: a turn that ran and had shown nothing failed, and may begin anew": func(h *harness) {
		old := beginAndReopen(h, journal.Step{})
		h.equal("known", h.asks.recall("1"), journal.Known{Digest: []byte("digest"), State: journal.StateFailed})
		h.asks.wantFenced(old)
		lock := h.asks.acquire()
		defer lock.Release()
		h.equal("state", h.asks.beginKnown(lock, "other").State, journal.StateFailed)
		a := h.asks.begin(lock, message("ann", "1"), "digest")
		if a.Token <= old.Token {
			h.Errorf("token %d follows %d", a.Token, old.Token)
		}
		h.asks.wantFenced(old)
		h.asks.end(a, journal.OutcomeDone)
		h.equal("state", h.asks.recall("1").State, journal.StateDone)
	},
	// What is known of asked, pushed and stored messages is the same when the store is
	// opened again.
	"reopen: a turn that ended stays as it ended": func(h *harness) {
		h.asks.askAndEnd("1", journal.OutcomeDone, "a", "b")
		h.asks.askAndEnd("2", journal.OutcomeFailed)
		h.asks.askAndEnd("3", journal.OutcomeInterrupted, "c")
		h.asks.askAndEnd("4", journal.OutcomeDone)
		h.outbox.pushParts("5", "a")
		h.inbox.enqueueNew("ann", "6")
		all := []string{"1", "2", "3", "4", "5", "6"}
		want := recallAll(h.asks, all)
		h.reopen()
		h.equal("known", recallAll(h.asks, all), want)
	},
	// The lock of a caller ends with the process: the conversation's messages and callers
	// go on.
	"reopen: nobody has the lock that a caller had": func(h *harness) {
		release := h.asks.acquire().Release
		h.inbox.enqueueNew("ann", "1")
		h.reopen()
		release()
		h.inbox.answerInOrder("1")
		h.asks.acquire().Release()
	},
	// Pushed parts wait, and the push's key is known, when the store is opened again.
	"reopen: what was pushed waits still, and its key is known": func(h *harness) {
		h.outbox.pushParts("1", "a", "b")
		h.reopen()
		h.OpenOutbox(Slots("web"))
		h.equal("digest", h.outbox.pushKnown(pushOf("1", "c")).Digest, []byte("digest of 1"))
		h.outbox.sendInOrder("a", "b")
	},
}

// beginAndReopen begins the turn of ann's message 1, commits a step, and opens the store
// again before the turn has ended.
func beginAndReopen(h *harness, s journal.Step) journal.Asked {
	h.Helper()
	lock := h.asks.acquire()
	a := h.asks.begin(lock, message("ann", "1"), "digest")
	h.asks.settle(a, s)
	h.reopen()
	lock.Release()
	return a
}

// recallAll returns what the store knows of these messages of ann's.
func recallAll(asks asksClient, ids []string) (all []journal.Known) {
	asks.Helper()
	for _, id := range ids {
		all = append(all, asks.recall(id))
	}
	return all
}
