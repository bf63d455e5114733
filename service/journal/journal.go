// Package journal is the contract of the durable record: messages that were taken in
// and still have to be answered (the inbox), replies that still have to go out (the
// outbox), and what was given up (dead letters). The stores live in folders beside
// this file and all pass journaltest.
package journal

import (
	"context"
	"errors"
	"time"

	"github.com/manyvox/manyvox/channels"
)

// Journal is a store. Its methods may be called concurrently. A method that changes
// something returns nil only once the change survives a crash and power loss, as far
// as the store promises that at all.
//
// Messages of one conversation form a line, in the order in which Enqueue committed
// them and Join was called; only the first of a line is worked on, and lines do not
// wait for each other. Parts of one conversation form a line of their own.
type Journal interface {
	// Enqueue stores messages, all or none, and puts each at the end of its
	// conversation's line. A message whose key (channel, sender, id) was stored
	// within its window is left out; the result says which were new, in order.
	Enqueue(ctx context.Context, es ...Entry) (fresh []bool, err error)

	// Join puts a caller that waits, and is not stored, at the end of the
	// conversation's line and returns when it is first. Leave must then be called
	// once. It fails with ErrCrowded when most callers wait there already, which
	// an empty line never is, or with the cause of ctx's end.
	Join(ctx context.Context, c channels.Conversation, most int) (leave func(), err error)

	// Next waits for a stored message that is first in its line and due, and returns
	// it claimed, with the attempt counted durably. It returns ctx's error when ctx
	// ends, unless the message was chosen already: then that, which must be settled.
	// After any other error but ErrClosed the message is due again at once and its
	// attempt was not counted, so the caller pauses before it tries again.
	Next(ctx context.Context) (Turn, error)

	// Settle commits one step of a claimed turn. It fails with ErrFenced when the
	// claim is no longer the current one: then nothing was changed, and nothing that
	// belongs to the step may be shown. It heeds ctx until the store has begun with
	// the step, and then waits for the outcome.
	Settle(ctx context.Context, c Claim, s Step) error

	// NextPart waits for a part that is first in its conversation's outbox and due,
	// of a channel that is open, and returns it claimed. It returns ctx's error when
	// ctx ends.
	NextPart(ctx context.Context) (Delivery, error)

	// SettlePart commits the outcome of one attempt to send a part. It fails with
	// ErrFenced as Settle does.
	SettlePart(ctx context.Context, c Claim, o PartOutcome) error

	// OpenOutbox names the channels whose parts NextPart may return. At first none
	// is open; parts of the others wait. Each call replaces the list.
	OpenOutbox(names ...string)

	// OpenInbox names the channels whose messages Next may return. At first all are
	// open; messages of the others wait. Each call replaces the list.
	OpenInbox(names ...string)

	// DeadLetters lists up to limit dead letters with an id above after, by id.
	DeadLetters(ctx context.Context, after int64, limit int) ([]DeadLetter, error)

	// Replay puts dead letters back, in their original order and before everything
	// that waits in their conversation, but behind what is being worked on. They
	// count as stored now, with nothing tried and nothing shown. Unknown ids are left
	// out; the result is how many were put back.
	Replay(ctx context.Context, ids ...int64) (int, error)

	// Drop deletes dead letters. Unknown ids are left out; the result is how many
	// were deleted.
	Drop(ctx context.Context, ids ...int64) (int, error)

	// Depth tells how much waits, what is claimed included. It is cheap.
	Depth(ctx context.Context) (Depth, error)

	// Sweep deletes dedupe keys whose window has passed, at most limit of them, and
	// returns how many.
	Sweep(ctx context.Context, limit int) (int, error)

	// Close ends every waiting call with ErrClosed and releases the store. What is
	// claimed then is given out again when the store is opened next.
	Close() error
}

// Errors of a Journal.
var (
	// ErrFenced says that a claim is no longer the current one.
	ErrFenced = errors.New("journal: the claim was lost")
	// ErrCrowded says that too many wait in a line.
	ErrCrowded = errors.New("journal: too many wait in this conversation")
	// ErrClosed says that the store was closed.
	ErrClosed = errors.New("journal: closed")
)

// Entry is a message to be stored.
type Entry struct {
	// Message is complete: it has a channel, a sender and an id.
	Message channels.Message
	// Window is how long the message's key is remembered.
	Window time.Duration
}

// Claim is the right to settle one row; a newer claim on the row ends it.
type Claim struct {
	// Row is the row's number, unique in its table for ever and rising with the
	// order of commits.
	Row int64
	// Token is the fencing token: it rises with each claim of the row.
	Token int64
}

// Turn is a claimed message.
type Turn struct {
	Claim
	Message channels.Message
	// Attempt counts from 1, this one included.
	Attempt int
	// Shown is how many steps with parts earlier attempts have committed. A turn
	// with more than none must not be run again.
	Shown int
	// Stored is when the message was stored.
	Stored time.Time
}

// Step is what one transaction of a turn changes.
type Step struct {
	// Parts go to the end of the conversation's outbox, in order. Channel, Sender and
	// ID are set.
	Parts []channels.Part
	// End is nil while the turn goes on.
	End *End
}

// Outcome says how a turn ends.
type Outcome string

// The outcomes. All but OutcomeRetry let the next of the line begin.
const (
	// OutcomeDone takes the message out of the inbox.
	OutcomeDone Outcome = "done"
	// OutcomeRetry keeps it first in its line until End.At.
	OutcomeRetry Outcome = "retry"
	// OutcomeFailed makes it a dead letter.
	OutcomeFailed Outcome = "failed"
	// OutcomeInterrupted makes it a dead letter of which something was shown.
	OutcomeInterrupted Outcome = "interrupted"
)

// End is how a turn ends.
type End struct {
	Outcome Outcome
	// At is when a retry is due.
	At time.Time
	// Reason is for people; it holds no text of a message and no secret.
	Reason string
}

// Delivery is a claimed part.
type Delivery struct {
	Claim
	Part channels.Part
	// Attempts counts the earlier attempts that count.
	Attempts int
	// Stored is when the part was stored.
	Stored time.Time
}

// PartOutcome is the outcome of one attempt to send a part.
type PartOutcome struct {
	// Sent takes the part out of the outbox. The further fields then mean nothing.
	Sent bool
	// Dead makes the part a dead letter.
	Dead bool
	// Retry is when a part that is neither sent nor dead is due again.
	Retry time.Time
	// Counts says that the attempt counts against the limit of attempts.
	Counts bool
	// Reason is for people; it holds no text of a message and no secret.
	Reason string
}

// DeadLetter is a message or a part that was given up.
type DeadLetter struct {
	ID int64
	// Kind is "failed" or "interrupted" for a message, "undelivered" for a part.
	Kind string
	// Message is set for a message, Part for a part.
	Message *channels.Message
	Part    *channels.Part
	Reason  string
	Died    time.Time
}

// KindUndelivered is the kind of a dead letter that is a part.
const KindUndelivered = "undelivered"

// Depth tells how much waits.
type Depth struct {
	Inbox, Outbox, DeadLetters int
}
