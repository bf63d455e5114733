package journaltest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing/synctest"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// forget forgets ann's conversation, of which the store must keep something.
func (h *harness) forget() {
	h.Helper()
	n, err := h.Forget(h.Context(), ann)
	if err != nil || n == 0 {
		h.Fatalf("Forget deletes %d, error %v", n, err)
	}
	h.wantForgotten()
}

// wantForgotten checks that nothing of ann's conversation can be found.
func (h *harness) wantForgotten() {
	h.Helper()
	h.equal("history", len(h.history(9)), 0)
	h.equal("events", len(h.page(journal.EventFilter{Channel: "web", Sender: "ann"}, 0, 9).Events), 0)
	h.wantAddress(ann, "unknown")
	list, err := h.DeadLetters(h.Context(), "web", 0, 99)
	h.wantErr("DeadLetters", err, nil)
	for _, l := range list {
		if conversationOf(l) == ann {
			h.Errorf("there is dead letter %+v", l)
		}
	}
	n, err := h.Forget(h.Context(), ann)
	h.wantErr("Forget", err, nil)
	h.equal("forgotten again", n, 0)
}

// conversationOf returns the conversation of a dead letter.
func conversationOf(l journal.DeadLetter) channels.Conversation {
	if l.Message != nil {
		return l.Message.Conversation()
	}
	return l.Part.Conversation()
}

var forgetTests = map[string]func(*harness){
	// Forget deletes the events, the address and the dead letters of a conversation; they
	// can't be replayed any more.
	"forget: takes events, address, and dead letters": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		h.enqueue(messageFrom("C1", "1"))
		h.end(h.next("1").Claim, journal.OutcomeFailed)
		h.pushParts("p", "a")
		h.settlePart(h.nextPart("a").Claim, journal.PartOutcome{Dead: true})
		list := h.wantDeadLetters("1", "a")
		h.forget()
		h.wantDeadLetters()
		n, err := h.Replay(h.Context(), list[0].ID, list[1].ID)
		h.wantErr("Replay", err, nil)
		h.equal("replayed", n, 0)
		h.wantNoTurn()
		h.wantNoPart()
		h.wantDepth(journal.Depth{})
	},
	// Forget deletes nothing of the same sender on another channel, or of another sender.
	"forget: leaves other conversations as they are": func(h *harness) {
		h.OpenOutbox(Slots("web", "phone"))
		elsewhere := messageFrom("C2", "1")
		elsewhere.Channel = "phone"
		other := messageFrom("C3", "1")
		other.Sender = "bob"
		h.enqueue(messageFrom("C1", "1"), elsewhere, other)
		for _, turn := range h.turnsByConversation(3) {
			h.failWithPart(turn)
		}
		h.forget()
		h.wantDepth(journal.Depth{Outbox: 2, DeadLetters: 2})
		h.equal("events", len(h.storedEvents()), 2)
		h.wantAddress(elsewhere.Conversation(), "C2")
		h.wantAddress(other.Conversation(), "C3")
		h.deliveries("of bob on web", "of ann on phone")
	},
	// After Forget the keys of the conversation's messages are still known, so that a
	// repeat is not answered again.
	"forget: keys stay known": func(h *harness) {
		h.askAndEnd("2", journal.OutcomeInterrupted)
		h.pushParts("3", "a")
		h.enqueueNew("ann", "1")
		h.forget()
		h.equal("fresh", h.enqueue(message("ann", "1"), message("ann", "2"), message("ann", "3")), []bool{false, false, false})
		h.equal("digests", [][]byte{h.recall("1").Digest, h.recall("2").Digest, h.recall("3").Digest},
			[][]byte{nil, []byte("digest of 2"), []byte("digest of 3")})
		h.wantNoTurn()
	},
	// After Forget a repeat gets no replies, and Forgotten says that there were some.
	"forget: replies are not recalled any more": func(h *harness) {
		h.askAndEnd("1", journal.OutcomeDone, "a", "b")
		h.askAndEnd("2", journal.OutcomeInterrupted)
		h.forget()
		want := journal.Known{Digest: []byte("digest of 1"), State: journal.StateDone, Forgotten: true}
		h.equal("known", h.recall("1"), want)
		h.equal("known", h.recall("2"), journal.Known{Digest: []byte("digest of 2"), State: journal.StateInterrupted})
		lock := h.acquire()
		defer lock.Release()
		h.equal("known", h.beginKnown(lock, "digest of 1"), want)
	},
	// Forget deletes no replies of another conversation.
	"forget: other conversations' replies are recalled still": func(h *harness) {
		h.askAndEnd("1", journal.OutcomeDone, "a")
		want := h.recall("1")
		for _, c := range []channels.Conversation{{Channel: "web", Sender: "bob"}, {Channel: "phone", Sender: "ann"}} {
			_, err := h.Forget(h.Context(), c)
			h.wantErr("Forget", err, nil)
		}
		h.equal("known", h.recall("1"), want)
	},
	// The turn of an asked message goes on after Forget: it can be settled, and a repeat
	// gets the replies that came after Forget.
	"forget: the turn of an asked message goes on": func(h *harness) {
		lock := h.acquire()
		a := h.begin(lock, message("ann", "1"), "digest")
		h.settleAsk(a, replyStep("1", channels.Reply{Text: "a"}))
		h.forget()
		h.equal("known", h.recall("1"), journal.Known{Digest: []byte("digest"), State: journal.StateRunning, Forgotten: true})
		step := replyStep("1", channels.Reply{Text: "b"})
		step.End = &journal.End{Outcome: journal.OutcomeDone}
		h.settleAsk(a, step)
		lock.Release()
		h.wantEvents(step.Events...)
		h.equal("known", h.recall("1"), journal.Known{
			Digest: []byte("digest"), State: journal.StateDone, Replies: repliesOf("b"), Forgotten: true,
		})
	},
	// After Forget later events have cursors above all earlier ones, and readers get no
	// SweptError.
	"forget: cursors are not used again, and none counts as swept": func(h *harness) {
		h.appendEvents(messageEvent("ann", "1"), messageEvent("bob", "2"), messageEvent("ann", "3"))
		newest := h.newest()
		h.forget()
		h.equal("newest", h.newest(), newest)
		h.equal("events", messageIDs(h.page(journal.EventFilter{}, 0, 9).Events), []string{"2"})
		h.appendEvents(messageEvent("ann", "4"))
		h.equal("events", messageIDs(h.page(journal.EventFilter{}, newest, 9).Events), []string{"4"})
	},
	// Forget leaves nothing of the conversation, also when a turn of it begins and commits
	// a step at the same time.
	"forget: nothing is left by a turn that begins at the same time": func(h *harness) {
		for i := range 100 {
			id := fmt.Sprint(i)
			var beside sync.WaitGroup
			beside.Go(func() { h.stepUnlessForgotten(id) })
			synctest.Wait()
			h.enqueueNew("ann", id)
			_, err := h.Forget(h.Context(), ann)
			h.wantErr("Forget", err, nil)
			beside.Wait()
			h.wantForgotten()
		}
		h.wantDepth(journal.Depth{})
	},
}

// stepUnlessForgotten claims a message and commits one step of its turn. Forget, which runs
// at the same time, may take the message away before or after the claim.
func (h *harness) stepUnlessForgotten(id string) {
	ctx, cancel := context.WithTimeout(h.Context(), moment)
	defer cancel()
	turn, err := h.Next(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		return
	}
	h.check("Next", err)
	step := journal.Step{
		Parts: []channels.Part{part("ann", id)}, Events: []channels.Event{replyEvent("ann", id, channels.Reply{Text: id})},
	}
	if err := h.Settle(h.Context(), turn.Claim, step); !errors.Is(err, journal.ErrFenced) {
		h.check("Settle", err)
	}
}

// turnsByConversation claims n messages and returns their turns by conversation.
func (h *harness) turnsByConversation(n int) map[channels.Conversation]journal.Turn {
	h.Helper()
	ctx, cancel := context.WithTimeout(h.Context(), moment)
	defer cancel()
	got := map[channels.Conversation]journal.Turn{}
	for len(got) < n {
		turn, err := h.Next(ctx)
		if err != nil {
			h.Fatalf("Next: %v, want %d turns", err, n)
		}
		got[turn.Message.Conversation()] = turn
	}
	return got
}

// failWithPart ends a turn as failed, with a part in the conversation's outbox.
func (h *harness) failWithPart(turn journal.Turn) {
	h.Helper()
	m := turn.Message
	p := part(m.Sender, "of "+m.Sender+" on "+m.Channel)
	p.Channel = m.Channel
	h.settle(turn.Claim, journal.Step{Parts: []channels.Part{p}, End: &journal.End{Outcome: journal.OutcomeFailed}})
}
