package journaltest

import (
	"context"
	"testing/synctest"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// keyOf returns the key of message(sender, id).
func keyOf(sender, id string) journal.Key {
	return journal.Key{Channel: "web", Sender: sender, ID: id}
}

// normalize makes an empty list of replies nil, so that the two compare as equal.
func normalize(k journal.Known) journal.Known {
	if len(k.Replies) == 0 {
		k.Replies = nil
	}
	return k
}

// replyStep returns a step that shows one reply to a message of ann's.
func replyStep(id string, parts ...channels.Reply) journal.Step {
	return journal.Step{Shown: true, Events: []channels.Event{replyEvent("ann", id, parts...)}}
}

// repliesOf returns replies of one part each, as Recall returns them.
func repliesOf(replies ...string) [][]channels.Reply {
	all := make([][]channels.Reply, len(replies))
	for i, text := range replies {
		all[i] = []channels.Reply{{Text: text}}
	}
	return all
}

// asksClient takes the locks of conversations, and runs the turns of asked messages.
type asksClient struct {
	*store
	// events are those that a turn may append.
	events eventsClient
}

// acquire takes the lock of ann's conversation, which must be free.
func (c asksClient) acquire() journal.Lock {
	c.Helper()
	return c.acquireOf(ann)
}

// acquireOf takes the lock of a conversation, which must be free.
func (c asksClient) acquireOf(of channels.Conversation) journal.Lock {
	c.Helper()
	lock, err := c.Acquire(c.Context(), of, 0)
	if err != nil {
		c.Fatalf("Acquire: %v", err)
	}
	return lock
}

// startAcquire calls Acquire for ann's conversation in a goroutine of its own, and returns
// when the call waits or has returned.
func (c asksClient) startAcquire(ctx context.Context, most int) *acquireCall {
	call := &acquireCall{store: c.store, done: make(chan struct{})}
	go func() {
		defer close(call.done)
		call.lock, call.err = c.Acquire(ctx, ann, most)
	}()
	synctest.Wait()
	return call
}

// begin starts the turn of an asked message. The message must be new, or have failed.
func (c asksClient) begin(lock journal.Lock, m channels.Message, digest string) journal.Asked {
	c.Helper()
	e := entries(m)[0]
	asked, known, err := c.Begin(c.Context(), lock, e, []byte(digest))
	if err != nil || known != nil {
		c.Fatalf("Begin of %s returns %+v, error %v; want its turn to begin", m.ID, known, err)
	}
	c.equal("key", asked.Key, e.Key())
	return asked
}

// beginKnown asks ann's message 1 again and returns what the store knows of it.
func (c asksClient) beginKnown(lock journal.Lock, digest string) journal.Known {
	c.Helper()
	_, known, err := c.Begin(c.Context(), lock, entries(message("ann", "1"))[0], []byte(digest))
	if err != nil || known == nil {
		c.Fatalf("Begin returns %+v, error %v; want the message to be known", known, err)
	}
	return normalize(*known)
}

// recall returns what the store knows of a message of ann's, which must be something.
func (c asksClient) recall(id string) journal.Known {
	c.Helper()
	known, err := c.Recall(c.Context(), keyOf("ann", id))
	if err != nil || known == nil {
		c.Fatalf("Recall of %s returns %+v, error %v; want it to be known", id, known, err)
	}
	return normalize(*known)
}

// wantUnknown checks that the store knows nothing of a message of ann's.
func (c asksClient) wantUnknown(id string) {
	c.Helper()
	known, err := c.Recall(c.Context(), keyOf("ann", id))
	if err != nil || known != nil {
		c.Fatalf("Recall of %s returns %+v, error %v; want nothing", id, known, err)
	}
}

// settle commits one step of the turn of an asked message.
func (c asksClient) settle(a journal.Asked, s journal.Step) {
	c.Helper()
	if err := c.SettleAsk(c.Context(), a, s); err != nil {
		c.Fatalf("SettleAsk: %v", err)
	}
}

// end commits the end of the turn of an asked message.
func (c asksClient) end(a journal.Asked, o journal.Outcome) {
	c.Helper()
	c.settle(a, journal.Step{End: &journal.End{Outcome: o, Reason: "because"}})
}

// askAndEnd asks a message of ann's and ends its turn, with replies of one part each.
func (c asksClient) askAndEnd(id string, o journal.Outcome, replies ...string) journal.Asked {
	c.Helper()
	lock := c.acquire()
	defer lock.Release()
	a := c.begin(lock, message("ann", id), "digest of "+id)
	for _, text := range replies {
		c.settle(a, replyStep(id, channels.Reply{Text: text}))
	}
	c.end(a, o)
	return a
}

// wantFenced checks that the turn can be settled in no way, and that no event is
// appended.
func (c asksClient) wantFenced(a journal.Asked) {
	c.Helper()
	newest := c.events.newest()
	for _, end := range []*journal.End{
		nil, {Outcome: journal.OutcomeDone}, {Outcome: journal.OutcomeFailed}, {Outcome: journal.OutcomeInterrupted},
	} {
		step := replyStep(a.Key.ID, channels.Reply{Text: "fenced"})
		step.End = end
		c.wantErr("SettleAsk", c.SettleAsk(c.Context(), a, step), journal.ErrFenced)
	}
	c.equal("newest", c.events.newest(), newest)
}
