package journal

import (
	"context"
	"time"

	"github.com/manyvox/manyvox/channels"
)

// DeadLetters is the part of a Journal that keeps what was given up.
type DeadLetters interface {
	// DeadLetters lists up to limit dead letters with an id above after, by id; of
	// one channel only, unless channel is empty.
	DeadLetters(ctx context.Context, channel string, after int64, limit int) ([]DeadLetter, error)

	// Replay puts dead letters back, in their original order and before everything
	// that was stored after them in their conversation, but behind what is being worked
	// on. They
	// count as stored now, with nothing tried and nothing shown. Unknown ids are left
	// out; the result is how many were put back. Many are put back in transactions of
	// about 500, each conversation in one: an error may follow after some were.
	Replay(ctx context.Context, ids ...int64) (int, error)

	// Drop deletes dead letters. Unknown ids are left out; the result is how many
	// were deleted.
	Drop(ctx context.Context, ids ...int64) (int, error)
}

// DeadLetter is a message or a part that was given up.
type DeadLetter struct {
	ID int64
	// Kind is KindFailed, KindInterrupted or KindRefused for a message, KindUndelivered
	// for a part, KindExpired or KindUnreadable for either.
	Kind string
	// Message is set for a message, Part for a part. Of one that is unreadable they
	// hold the channel and the sender only.
	Message *channels.Message
	Part    *channels.Part
	Reason  string
	Died    time.Time
}

// Kinds of dead letters.
const (
	KindFailed      = string(OutcomeFailed)
	KindInterrupted = string(OutcomeInterrupted)
	KindUndelivered = "undelivered"
	// KindExpired is of a message or a part that grew older than Env.StaleAfter.
	KindExpired = string(OutcomeExpired)
	// KindRefused is of a message that was over the limits: see Inbox.Refuse.
	KindRefused    = "refused"
	KindUnreadable = "unreadable"
)

// Reasons of what the store itself makes a dead letter.
const (
	ReasonExpired = "it waited longer than stale_after"
	ReasonRefused = "more messages waited than the limits allow"
)
