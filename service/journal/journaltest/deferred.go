package journaltest

import (
	"testing/synctest"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

var deferredTests = map[string]func(*harness){
	// A message whose attempt was deferred stays first in its queue until it is due, and that
	// attempt is not counted; those before it are.
	"deferred: a message stays first, and the attempt is not counted": func(h *harness) {
		h.inbox.enqueueNew("ann", "1", "2")
		h.inbox.deferTurn(h.inbox.next("1").Claim, time.Hour)
		h.inbox.wantNone()
		time.Sleep(time.Hour)
		turn := h.inbox.next("1")
		h.equal("attempt", turn.Attempt, 1)
		h.inbox.retry(turn.Claim, 0)
		turn = h.inbox.next("1")
		h.equal("attempt", turn.Attempt, 2)
		h.inbox.deferTurn(turn.Claim, 0)
		turn = h.inbox.next("1")
		h.equal("attempt", turn.Attempt, 2)
		h.inbox.end(turn.Claim, journal.OutcomeDone)
		h.equal("attempt", h.inbox.next("2").Attempt, 1)
	},
	// The attempt is taken back also when Next waited for the message before it was stored.
	"deferred: the attempt of a message that was waited for is not counted": func(h *harness) {
		turns := make(chan journal.Turn)
		go func() {
			turn, err := h.Next(h.Context())
			h.check("Next", err)
			turns <- turn
		}()
		synctest.Wait()
		h.inbox.enqueueNew("ann", "1")
		h.inbox.deferTurn((<-turns).Claim, 0)
		h.equal("attempt", h.inbox.next("1").Attempt, 1)
		h.equal("kinds", kinds(h.events.all()), []channels.EventKind{channels.EventMessage})
	},
	// The message's event is appended once, however often its first attempt is deferred.
	"deferred: the message's event is appended once": func(h *harness) {
		h.inbox.enqueueNew("ann", "1")
		want := messageEvent("ann", "1")
		for range 3 {
			h.inbox.deferTurn(h.inbox.next("1").Claim, 0)
		}
		h.inbox.end(h.inbox.next("1").Claim, journal.OutcomeDone)
		h.events.want(want)
	},
	// What was shown by earlier attempts is kept when an attempt is deferred.
	"deferred: what was shown is kept": func(h *harness) {
		h.inbox.enqueueNew("ann", "1")
		h.inbox.settle(h.inbox.next("1").Claim, journal.Step{
			Parts: []channels.Part{part("ann", "p")}, End: &journal.End{Outcome: journal.OutcomeRetry},
		})
		h.inbox.deferTurn(h.inbox.next("1").Claim, 0)
		again := h.inbox.next("1")
		h.equal("attempt and shown", []int{again.Attempt, again.Shown}, []int{2, 1})
	},
	// A claim ends with the deferral.
	"deferred: the claim is lost": func(h *harness) {
		h.inbox.enqueueNew("ann", "1")
		claim := h.inbox.next("1").Claim
		h.inbox.deferTurn(claim, 0)
		h.inbox.wantFenced(claim)
	},
	// A turn that ends as expired makes its message a dead letter of KindExpired with the
	// reason, and the next message of the queue begins.
	"deferred: what expired is a dead letter, and the next begins": func(h *harness) {
		h.inbox.enqueueNew("ann", "1", "2")
		h.inbox.end(h.inbox.next("1").Claim, journal.OutcomeExpired)
		h.inbox.end(h.inbox.next("2").Claim, journal.OutcomeDone)
		dead := h.deadLetters.want("1")[0]
		h.equal("kind and reason", []string{dead.Kind, dead.Reason}, []string{journal.KindExpired, "because"})
		h.wantDepth(journal.Depth{DeadLetters: 1})
		h.deadLetters.replay(dead)
		h.inbox.answerInOrder("1")
	},
	// SettleAsk refuses the outcomes that only a stored message has.
	"deferred: an asked message is neither deferred nor expired": func(h *harness) {
		lock := h.asks.acquire()
		defer lock.Release()
		asked := h.asks.begin(lock, message("ann", "1"), "digest")
		for _, o := range []journal.Outcome{journal.OutcomeRetry, journal.OutcomeDeferred, journal.OutcomeExpired} {
			if err := h.SettleAsk(h.Context(), asked, journal.Step{End: &journal.End{Outcome: o}}); err == nil {
				h.Errorf("SettleAsk takes the outcome %q", o)
			}
		}
		h.asks.end(asked, journal.OutcomeDone)
	},
	// A part that is given up as expired is a dead letter of KindExpired, of a part: it is
	// listed, replayed, dropped and forgotten as others are.
	"deferred: a part that expired is a dead letter of its kind": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		h.outbox.pushParts("1", "a", "b")
		h.outbox.settle(h.outbox.next("a").Claim, journal.PartOutcome{Dead: true, Kind: journal.KindExpired, Reason: "because"})
		h.outbox.settle(h.outbox.next("b").Claim, journal.PartOutcome{Dead: true, Kind: journal.KindUndelivered})
		list := h.deadLetters.want("a", "b")
		h.equal("kinds", []string{list[0].Kind, list[1].Kind}, []string{journal.KindExpired, journal.KindUndelivered})
		h.equal("reason", list[0].Reason, "because")
		h.equal("part", list[0].Part, new(part("ann", "a")))
		h.equal("message", list[0].Message, (*channels.Message)(nil))
		h.deadLetters.replay(list[0])
		h.outbox.settle(h.outbox.next("a").Claim, journal.PartOutcome{Dead: true, Kind: journal.KindExpired})
		h.inbox.wantNone()
		h.deadLetters.want("b", "a")
		h.forget()
		h.deadLetters.want()
	},
}
