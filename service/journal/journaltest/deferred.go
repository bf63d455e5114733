package journaltest

import (
	"testing/synctest"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// putOff ends an attempt that the agent has not seen; the message is due again after a while.
func (h *harness) putOff(c journal.Claim, after time.Duration) {
	h.Helper()
	h.settle(c, journal.Step{End: &journal.End{Outcome: journal.OutcomeDeferred, At: time.Now().Add(after)}})
}

var deferredTests = map[string]func(*harness){
	// A message whose attempt was deferred stays first in its queue until it is due, and that
	// attempt is not counted; those before it are.
	"deferred: a message stays first, and the attempt is not counted": func(h *harness) {
		h.enqueueNew("ann", "1", "2")
		h.putOff(h.next("1").Claim, time.Hour)
		h.wantNoTurn()
		time.Sleep(time.Hour)
		turn := h.next("1")
		h.equal("attempt", turn.Attempt, 1)
		h.retry(turn.Claim, 0)
		turn = h.next("1")
		h.equal("attempt", turn.Attempt, 2)
		h.putOff(turn.Claim, 0)
		turn = h.next("1")
		h.equal("attempt", turn.Attempt, 2)
		h.end(turn.Claim, journal.OutcomeDone)
		h.equal("attempt", h.next("2").Attempt, 1)
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
		h.enqueueNew("ann", "1")
		h.putOff((<-turns).Claim, 0)
		h.equal("attempt", h.next("1").Attempt, 1)
		h.equal("kinds", kinds(h.storedEvents()), []channels.EventKind{channels.EventMessage})
	},
	// The message's event is appended once, however often its first attempt is deferred.
	"deferred: the message's event is appended once": func(h *harness) {
		h.enqueueNew("ann", "1")
		want := messageEvent("ann", "1")
		for range 3 {
			h.putOff(h.next("1").Claim, 0)
		}
		h.end(h.next("1").Claim, journal.OutcomeDone)
		h.wantEvents(want)
	},
	// What was shown by earlier attempts is kept when an attempt is deferred.
	"deferred: what was shown is kept": func(h *harness) {
		h.enqueueNew("ann", "1")
		h.settle(h.next("1").Claim, journal.Step{
			Parts: []channels.Part{part("ann", "p")}, End: &journal.End{Outcome: journal.OutcomeRetry},
		})
		h.putOff(h.next("1").Claim, 0)
		again := h.next("1")
		h.equal("attempt and shown", []int{again.Attempt, again.Shown}, []int{2, 1})
	},
	// A claim ends with the deferral.
	"deferred: the claim is lost": func(h *harness) {
		h.enqueueNew("ann", "1")
		claim := h.next("1").Claim
		h.putOff(claim, 0)
		h.wantFenced(claim)
	},
	// A turn that ends as expired makes its message a dead letter of KindExpired with the
	// reason, and the next message of the queue begins.
	"deferred: what expired is a dead letter, and the next begins": func(h *harness) {
		h.enqueueNew("ann", "1", "2")
		h.end(h.next("1").Claim, journal.OutcomeExpired)
		h.end(h.next("2").Claim, journal.OutcomeDone)
		dead := h.wantDeadLetters("1")[0]
		h.equal("kind and reason", []string{dead.Kind, dead.Reason}, []string{journal.KindExpired, "because"})
		h.wantDepth(journal.Depth{DeadLetters: 1})
		h.replay(dead)
		h.answerInOrder("1")
	},
	// SettleAsk refuses the outcomes that only a stored message has.
	"deferred: an asked message is neither deferred nor expired": func(h *harness) {
		lock := h.acquire()
		defer lock.Release()
		asked := h.begin(lock, message("ann", "1"), "digest")
		for _, o := range []journal.Outcome{journal.OutcomeRetry, journal.OutcomeDeferred, journal.OutcomeExpired} {
			if err := h.SettleAsk(h.Context(), asked, journal.Step{End: &journal.End{Outcome: o}}); err == nil {
				h.Errorf("SettleAsk takes the outcome %q", o)
			}
		}
		h.endAsk(asked, journal.OutcomeDone)
	},
	// A part that is given up as expired is a dead letter of KindExpired, of a part: it is
	// listed, replayed, dropped and forgotten as others are.
	"deferred: a part that expired is a dead letter of its kind": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		h.pushParts("1", "a", "b")
		h.settlePart(h.nextPart("a").Claim, journal.PartOutcome{Dead: true, Kind: journal.KindExpired, Reason: "because"})
		h.settlePart(h.nextPart("b").Claim, journal.PartOutcome{Dead: true, Kind: journal.KindUndelivered})
		list := h.wantDeadLetters("a", "b")
		h.equal("kinds", []string{list[0].Kind, list[1].Kind}, []string{journal.KindExpired, journal.KindUndelivered})
		h.equal("reason", list[0].Reason, "because")
		h.equal("part", list[0].Part, new(part("ann", "a")))
		h.equal("message", list[0].Message, (*channels.Message)(nil))
		h.replay(list[0])
		h.settlePart(h.nextPart("a").Claim, journal.PartOutcome{Dead: true, Kind: journal.KindExpired})
		h.wantNoTurn()
		h.wantDeadLetters("b", "a")
		h.forget()
		h.wantDeadLetters()
	},
}
