package journal

import (
	"context"
	"time"

	"github.com/manyvox/manyvox/channels"
)

// Inbox is the part of a Journal that keeps the messages still to be answered.
type Inbox interface {
	// Enqueue stores messages, all or none, and puts each at the end of its
	// conversation's queue. A message whose key (channel, sender, id) was stored
	// within its window is left out; the result says which were new, in order.
	Enqueue(ctx context.Context, es ...Entry) (fresh []bool, err error)

	// Next waits for a stored message that is first in its queue and due, and returns
	// it claimed, with the attempt counted durably. It returns ctx's error when ctx
	// ends, unless the message was chosen already: then that, which must be settled.
	// After any other error but ErrClosed the message is due again at once and its
	// attempt was not counted, so the caller pauses before it tries again.
	//
	// With the first attempt an EventMessage is committed, once, also when that attempt is
	// deferred and so comes again. A row that can't be read
	// becomes a dead letter of KindUnreadable, and Next goes on waiting.
	Next(ctx context.Context) (Turn, error)

	// Settle commits one step of a claimed turn. It fails with ErrFenced when the
	// claim is no longer the current one: then nothing was changed, and nothing that
	// belongs to the step may be shown. It heeds ctx until the store has begun with
	// the step, and then waits for the outcome. When another error says that the outcome
	// is not known, the same step may be settled again: it is not committed twice.
	Settle(ctx context.Context, c Claim, s Step) error

	// Queued returns how many messages of the conversation are stored, claimed ones
	// included. It counts no further than limit.
	Queued(ctx context.Context, c channels.Conversation, limit int) (int, error)

	// Refuse makes messages that are over the limits dead letters of KindRefused, with
	// their keys, as if they had been stored and given up. One whose key is known is left
	// out, and so is one whose conversation has limit dead letters of that kind already.
	// It returns how many were kept.
	Refuse(ctx context.Context, limit int, es ...Entry) (int, error)

	// OpenInbox names the channels whose messages Next may return. At first all are
	// open; messages of the others wait. Each call replaces the list.
	OpenInbox(names ...string)
}

// Entry is a message to be stored.
type Entry struct {
	// Message is complete: it has a channel, a sender and an id.
	Message channels.Message
	// Window is how long the message's key is remembered.
	Window time.Duration
	// Media says that the message holds media, which are to be kept with it: see Media.
	Media bool
}

// Key returns the message's key.
func (e *Entry) Key() Key {
	return Key{Channel: e.Message.Channel, Sender: e.Message.Sender, ID: e.Message.ID}
}

// Turn is a claimed message.
type Turn struct {
	Claim
	Message channels.Message
	// Attempt counts from 1, this one included.
	Attempt int
	// Shown is how many steps that showed something earlier attempts have committed.
	// A turn with more than none must not be run again.
	Shown int
	// Stored is when the message was stored, as in Delivery.
	Stored time.Time
	// Paused says that the conversation is paused: the message is not answered.
	Paused bool
}
