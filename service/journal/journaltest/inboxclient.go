package journaltest

import (
	"context"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// message returns a message of the sender on channel "web", received now, whose text
// is its id.
func message(sender, id string) channels.Message {
	return channels.Message{Channel: "web", Sender: sender, ID: id, Text: id, Received: time.Now()}
}

// entries returns the messages as Enqueue takes them.
func entries(ms ...channels.Message) []journal.Entry {
	es := make([]journal.Entry, len(ms))
	for i, m := range ms {
		es[i] = journal.Entry{Message: m, Window: window}
	}
	return es
}

// inboxClient stores messages in the inbox and runs their turns.
type inboxClient struct {
	consumer[journal.Turn]
}

func newInboxClient(s *store) inboxClient {
	return inboxClient{consumer[journal.Turn]{
		store: s, call: "Next", row: "message",
		claim: func(ctx context.Context) (journal.Turn, error) { return s.Next(ctx) },
		id:    func(t *journal.Turn) string { return t.Message.ID },
	}}
}

// enqueueNew stores messages of one sender, one Enqueue each. All must be new.
func (c inboxClient) enqueueNew(sender string, ids ...string) {
	c.Helper()
	for _, id := range ids {
		if fresh := c.enqueue(message(sender, id)); !fresh[0] {
			c.Fatalf("Enqueue says that %s of %s is not new", id, sender)
		}
	}
}

// enqueue stores messages in one Enqueue and returns which were new.
func (c inboxClient) enqueue(ms ...channels.Message) []bool {
	c.Helper()
	fresh, err := c.Enqueue(c.Context(), entries(ms...)...)
	if err != nil {
		c.Fatalf("Enqueue: %v", err)
	}
	return fresh
}

// refuse refuses messages and checks how many were kept.
func (c inboxClient) refuse(limit, want int, ms ...channels.Message) {
	c.Helper()
	kept, err := c.Refuse(c.Context(), limit, entries(ms...)...)
	c.wantErr("Refuse", err, nil)
	c.equal("kept", kept, want)
}

// wantQueued checks how many messages of the conversation are stored.
func (c inboxClient) wantQueued(of channels.Conversation, limit, want int) {
	c.Helper()
	n, err := c.Queued(c.Context(), of, limit)
	c.wantErr("Queued", err, nil)
	c.equal("queued", n, want)
}

// answerInOrder checks that these messages come next, one at a time, and answers them.
func (c inboxClient) answerInOrder(ids ...string) {
	c.Helper()
	for _, id := range ids {
		turn := c.next(id)
		c.wantNone()
		c.end(turn.Claim, journal.OutcomeDone)
	}
	c.wantNone()
}

// settle commits one step of a turn.
func (c inboxClient) settle(claim journal.Claim, s journal.Step) {
	c.Helper()
	if err := c.Settle(c.Context(), claim, s); err != nil {
		c.Fatalf("Settle: %v", err)
	}
}

// end commits the end of a turn.
func (c inboxClient) end(claim journal.Claim, o journal.Outcome) {
	c.Helper()
	c.settle(claim, journal.Step{End: &journal.End{Outcome: o, Reason: "because"}})
}

// retry ends an attempt; the message is due again after a while.
func (c inboxClient) retry(claim journal.Claim, after time.Duration) {
	c.Helper()
	c.settle(claim, journal.Step{End: &journal.End{Outcome: journal.OutcomeRetry, At: time.Now().Add(after)}})
}

// deferTurn ends an attempt that the agent has not seen; the message is due again after a
// while.
func (c inboxClient) deferTurn(claim journal.Claim, after time.Duration) {
	c.Helper()
	c.settle(claim, journal.Step{End: &journal.End{Outcome: journal.OutcomeDeferred, At: time.Now().Add(after)}})
}

// wantFenced checks that the claim can be settled in no way, and that nothing changes.
func (c inboxClient) wantFenced(claim journal.Claim) {
	c.Helper()
	parts := []channels.Part{part("ann", "fenced")}
	for _, step := range []journal.Step{
		{},
		{Parts: parts},
		{Parts: parts, End: &journal.End{Outcome: journal.OutcomeDone}},
		{End: &journal.End{Outcome: journal.OutcomeRetry, At: time.Now().Add(time.Hour)}},
		{End: &journal.End{Outcome: journal.OutcomeFailed}},
	} {
		c.wantErr("Settle", c.Settle(c.Context(), claim, step), journal.ErrFenced)
	}
	got := c.currentDepth()
	c.equal("parts and dead letters", []int{got.Outbox, got.DeadLetters}, []int{0, 0})
}
