package journaltest

import (
	"context"
	"testing/synctest"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

var settleTests = map[string]func(*harness){
	// A message that is to be retried stays first in its queue until it is due, its
	// attempts are counted, and other conversations do not wait for it.
	"settle: a retry stays first and blocks its own queue only": func(h *harness) {
		h.inbox.enqueueNew("ann", "1", "2")
		h.inbox.enqueueNew("bob", "b1", "b2")
		turns := h.inbox.nextOf("1", "b1")
		h.inbox.retry(turns["1"].Claim, time.Hour)
		h.inbox.wantNone()
		h.inbox.end(turns["b1"].Claim, journal.OutcomeDone)
		h.inbox.next("b2")
		h.inbox.wantNone()
		time.Sleep(time.Hour - 10*moment)
		h.inbox.wantNone()
		time.Sleep(10 * moment)
		turn := h.inbox.next("1")
		h.equal("attempt", turn.Attempt, 2)
		h.inbox.end(turn.Claim, journal.OutcomeDone)
		h.equal("attempt", h.inbox.next("2").Attempt, 1)
	},
	// Attempts, and steps that showed something, are counted also when Next waited for the
	// message before it was stored.
	"settle: the retry of a message that was waited for counts, and knows what was shown": func(h *harness) {
		turns := make(chan journal.Turn)
		go func() {
			turn, err := h.Next(h.Context())
			h.check("Next", err)
			turns <- turn
		}()
		synctest.Wait()
		h.inbox.enqueueNew("ann", "1")
		h.inbox.settle((<-turns).Claim, journal.Step{
			Parts: []channels.Part{part("ann", "p")}, End: &journal.End{Outcome: journal.OutcomeRetry},
		})
		again := h.inbox.next("1")
		h.equal("attempt and shown", []int{again.Attempt, again.Shown}, []int{2, 1})
		h.inbox.retry(again.Claim, 0)
		h.equal("attempt", h.inbox.next("1").Attempt, 3)
	},
	// Messages that are to be retried come in the order in which they are due, not in that
	// in which they failed.
	"settle: retries come due in the order of time": func(h *harness) {
		for _, sender := range []string{"c", "a", "b"} {
			h.inbox.enqueueNew(sender, sender)
			h.inbox.retry(h.inbox.next(sender).Claim, time.Duration(sender[0]-'a'+1)*time.Hour)
		}
		for _, sender := range []string{"a", "b", "c"} {
			turn, err := h.Next(h.Context())
			h.wantErr("Next", err, nil)
			h.equal("sender", turn.Message.Sender, sender)
		}
	},
	// Settle with a claim that is not the current one of its row fails with ErrFenced and
	// changes nothing; each claim of a row has a higher token than the one before.
	"settle: a claim that ended or never was is fenced, and changes nothing": func(h *harness) {
		h.inbox.enqueueNew("ann", "1", "2")
		old := h.inbox.next("1").Claim
		h.inbox.retry(old, 0)
		h.inbox.wantFenced(old)
		current := h.inbox.next("1").Claim
		if current.Row != old.Row || current.Token <= old.Token {
			h.Errorf("claim %+v follows %+v", current, old)
		}
		h.inbox.wantFenced(old)
		h.inbox.wantFenced(journal.Claim{Row: current.Row, Token: current.Token + 1})
		h.inbox.wantFenced(journal.Claim{Row: current.Row + 1, Token: current.Token})
		h.inbox.end(current, journal.OutcomeDone)
		h.inbox.wantFenced(current)
		h.equal("shown", h.inbox.next("2").Shown, 0)
		h.wantDepth(journal.Depth{Inbox: 1})
	},
	// Settle refuses an outcome that does not exist and changes nothing, so the turn can
	// still be settled.
	"settle: an unknown outcome is refused, and the claim stays": func(h *harness) {
		h.inbox.enqueueNew("ann", "1")
		turn := h.inbox.next("1")
		step := journal.Step{Parts: []channels.Part{part("ann", "p")}, End: &journal.End{Outcome: "lost"}}
		if err := h.Settle(h.Context(), turn.Claim, step); err == nil {
			h.Error("Settle takes it")
		}
		h.wantDepth(journal.Depth{Inbox: 1})
		h.inbox.end(turn.Claim, journal.OutcomeDone)
	},
	// When the context has ended before the store began with the step, Settle changes
	// nothing, and the same step can be settled later.
	"settle: an ended context changes nothing, and the claim stays": func(h *harness) {
		ctx, cancel := context.WithCancel(h.Context())
		cancel()
		h.inbox.enqueueNew("ann", "1")
		turn := h.inbox.next("1")
		step := journal.Step{Parts: []channels.Part{part("ann", "p")}, End: &journal.End{Outcome: journal.OutcomeDone}}
		h.wantErr("Settle", h.Settle(ctx, turn.Claim, step), context.Canceled)
		h.wantDepth(journal.Depth{Inbox: 1})
		h.inbox.settle(turn.Claim, step)
		h.wantDepth(journal.Depth{Outbox: 1})
	},
	// The parts of a step are in the outbox once Settle returns, before the turn has ended,
	// and in the order of the steps.
	"settle: parts can be seen after their step, in order": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		h.inbox.enqueueNew("ann", "1")
		turn := h.inbox.next("1")
		h.outbox.wantNone()
		h.inbox.settle(turn.Claim, journal.Step{Parts: []channels.Part{part("ann", "p1"), part("ann", "p2")}})
		h.inbox.settle(turn.Claim, journal.Step{
			Parts: []channels.Part{part("ann", "p3")}, End: &journal.End{Outcome: journal.OutcomeDone},
		})
		for _, id := range []string{"p1", "p2", "p3"} {
			h.outbox.settle(h.outbox.next(id).Claim, journal.PartOutcome{Sent: true})
		}
		h.wantDepth(journal.Depth{})
	},
	// A later attempt is given the number of steps with parts that earlier attempts
	// committed, so that a turn that showed something is not run again.
	"settle: steps with parts are counted": func(h *harness) {
		h.inbox.enqueueNew("ann", "1")
		turn := h.inbox.next("1")
		h.inbox.settle(turn.Claim, journal.Step{})
		h.inbox.settle(turn.Claim, journal.Step{Parts: []channels.Part{part("ann", "p1"), part("ann", "p2")}})
		h.inbox.settle(turn.Claim, journal.Step{
			Parts: []channels.Part{part("ann", "p3")},
			End:   &journal.End{Outcome: journal.OutcomeRetry},
		})
		h.equal("shown", h.inbox.next("1").Shown, 2)
	},
	// A turn that ends as failed or interrupted makes its message a dead letter, unchanged
	// and with the reason, and the next message of the queue begins.
	"settle: what failed or was interrupted is a dead letter, and the next begins": func(h *harness) {
		h.inbox.enqueue(fullMessage())
		h.inbox.end(h.inbox.next("1").Claim, journal.OutcomeFailed)
		h.inbox.enqueueNew("ann", "2", "3")
		h.inbox.end(h.inbox.next("2").Claim, journal.OutcomeInterrupted)
		h.inbox.next("3")
		list := h.deadLetters.want("1", "2")
		h.equal("message", *list[0].Message, fullMessage())
		h.equal("kinds", []string{list[0].Kind, list[1].Kind}, []string{"failed", "interrupted"})
		h.equal("reason", list[0].Reason, "because")
		if age := time.Since(list[0].Died); age < 0 || age > time.Second {
			h.Errorf("it became a dead letter %v ago", age)
		}
		h.wantDepth(journal.Depth{Inbox: 1, DeadLetters: 2})
	},
}
