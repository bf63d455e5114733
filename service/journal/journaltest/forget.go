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

var forgetTests = map[string]func(*harness){
	// Forget deletes the events, the address and the dead letters of a conversation; they
	// can't be replayed any more.
	"forget: takes events, address, and dead letters": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		h.inbox.enqueue(messageFrom("C1", "1"))
		h.inbox.end(h.inbox.next("1").Claim, journal.OutcomeFailed)
		h.outbox.pushParts("p", "a")
		h.outbox.settle(h.outbox.next("a").Claim, journal.PartOutcome{Dead: true})
		list := h.deadLetters.want("1", "a")
		h.forget()
		h.deadLetters.want()
		n, err := h.Replay(h.Context(), list[0].ID, list[1].ID)
		h.wantErr("Replay", err, nil)
		h.equal("replayed", n, 0)
		h.inbox.wantNone()
		h.outbox.wantNone()
		h.wantDepth(journal.Depth{})
	},
	// Forget deletes nothing of the same sender on another channel, or of another sender.
	"forget: leaves other conversations as they are": func(h *harness) {
		h.OpenOutbox(Slots("web", "phone"))
		elsewhere := messageFrom("C2", "1")
		elsewhere.Channel = "phone"
		other := messageFrom("C3", "1")
		other.Sender = "bob"
		h.inbox.enqueue(messageFrom("C1", "1"), elsewhere, other)
		for _, turn := range turnsByConversation(h.inbox, 3) {
			failWithPart(h.inbox, turn)
		}
		h.forget()
		h.wantDepth(journal.Depth{Outbox: 2, DeadLetters: 2})
		h.equal("events", len(h.events.all()), 2)
		h.outbox.wantAddress(elsewhere.Conversation(), "C2")
		h.outbox.wantAddress(other.Conversation(), "C3")
		h.outbox.nextOf("of bob on web", "of ann on phone")
	},
	// After Forget the keys of the conversation's messages are still known, so that a
	// repeat is not answered again.
	"forget: keys stay known": func(h *harness) {
		h.asks.askAndEnd("2", journal.OutcomeInterrupted)
		h.outbox.pushParts("3", "a")
		h.inbox.enqueueNew("ann", "1")
		h.forget()
		h.equal("fresh", h.inbox.enqueue(message("ann", "1"), message("ann", "2"), message("ann", "3")), []bool{false, false, false})
		h.equal("digests", [][]byte{h.asks.recall("1").Digest, h.asks.recall("2").Digest, h.asks.recall("3").Digest},
			[][]byte{nil, []byte("digest of 2"), []byte("digest of 3")})
		h.inbox.wantNone()
	},
	// After Forget a repeat gets no replies, and Forgotten says that there were some.
	"forget: replies are not recalled any more": func(h *harness) {
		h.asks.askAndEnd("1", journal.OutcomeDone, "a", "b")
		h.asks.askAndEnd("2", journal.OutcomeInterrupted)
		h.forget()
		want := journal.Known{Digest: []byte("digest of 1"), State: journal.StateDone, Forgotten: true}
		h.equal("known", h.asks.recall("1"), want)
		h.equal("known", h.asks.recall("2"), journal.Known{Digest: []byte("digest of 2"), State: journal.StateInterrupted})
		lock := h.asks.acquire()
		defer lock.Release()
		h.equal("known", h.asks.beginKnown(lock, "digest of 1"), want)
	},
	// Forget deletes no replies of another conversation.
	"forget: other conversations' replies are recalled still": func(h *harness) {
		h.asks.askAndEnd("1", journal.OutcomeDone, "a")
		want := h.asks.recall("1")
		for _, c := range []channels.Conversation{{Channel: "web", Sender: "bob"}, {Channel: "phone", Sender: "ann"}} {
			_, err := h.Forget(h.Context(), c)
			h.wantErr("Forget", err, nil)
		}
		h.equal("known", h.asks.recall("1"), want)
	},
	// The turn of an asked message goes on after Forget: it can be settled, and a repeat
	// gets the replies that came after Forget.
	"forget: the turn of an asked message goes on": func(h *harness) {
		lock := h.asks.acquire()
		a := h.asks.begin(lock, message("ann", "1"), "digest")
		h.asks.settle(a, replyStep("1", channels.Reply{Text: "a"}))
		h.forget()
		h.equal("known", h.asks.recall("1"), journal.Known{Digest: []byte("digest"), State: journal.StateRunning, Forgotten: true})
		step := replyStep("1", channels.Reply{Text: "b"})
		step.End = &journal.End{Outcome: journal.OutcomeDone}
		h.asks.settle(a, step)
		lock.Release()
		h.events.want(step.Events...)
		h.equal("known", h.asks.recall("1"), journal.Known{
			Digest: []byte("digest"), State: journal.StateDone, Replies: repliesOf("b"), Forgotten: true,
		})
	},
	// After Forget later events have cursors above all earlier ones, and readers get no
	// SweptError.
	"forget: cursors are not used again, and none counts as swept": func(h *harness) {
		h.events.append(messageEvent("ann", "1"), messageEvent("bob", "2"), messageEvent("ann", "3"))
		newest := h.events.newest()
		h.forget()
		h.equal("newest", h.events.newest(), newest)
		h.equal("events", messageIDs(h.events.page(journal.EventFilter{}, 0, 9).Events), []string{"2"})
		h.events.append(messageEvent("ann", "4"))
		h.equal("events", messageIDs(h.events.page(journal.EventFilter{}, newest, 9).Events), []string{"4"})
	},
	// Forget leaves nothing of the conversation, also when a turn of it begins and commits
	// a step at the same time.
	"forget: nothing is left by a turn that begins at the same time": func(h *harness) {
		for i := range 100 {
			id := fmt.Sprint(i)
			var beside sync.WaitGroup
			beside.Go(func() { stepUnlessForgotten(h, id) })
			synctest.Wait()
			h.inbox.enqueueNew("ann", id)
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
func stepUnlessForgotten(h *harness, id string) {
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
func turnsByConversation(inbox inboxClient, n int) map[channels.Conversation]journal.Turn {
	inbox.Helper()
	ctx, cancel := context.WithTimeout(inbox.Context(), moment)
	defer cancel()
	got := map[channels.Conversation]journal.Turn{}
	for len(got) < n {
		turn, err := inbox.Next(ctx)
		if err != nil {
			inbox.Fatalf("Next: %v, want %d turns", err, n)
		}
		got[turn.Message.Conversation()] = turn
	}
	return got
}

// failWithPart ends a turn as failed, with a part in the conversation's outbox.
func failWithPart(inbox inboxClient, turn journal.Turn) {
	inbox.Helper()
	m := turn.Message
	p := part(m.Sender, "of "+m.Sender+" on "+m.Channel)
	p.Channel = m.Channel
	inbox.settle(turn.Claim, journal.Step{Parts: []channels.Part{p}, End: &journal.End{Outcome: journal.OutcomeFailed}})
}
