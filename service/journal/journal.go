package journal

import (
	"context"
	"errors"
)

// Journal is a store. Its methods may be called concurrently. A method that changes
// something returns nil only once the change survives a crash and power loss, as far
// as the store promises that at all.
//
// The messages of one conversation form a queue, in the order in which Enqueue
// committed them and Acquire was called. Only the first of a queue is worked on: it has
// the conversation's lock. Queues do not wait for each other. The parts of one
// conversation form a queue of their own.
//
// While the program runs, ages and pauses are measured by the monotonic clock, so that they
// do not jump when the wall clock is set. What was stored by an earlier run has the age that
// the wall clock says, and its pause is no longer than it was at first: see Age and Pause.
type Journal interface {
	Inbox
	Asks
	Outbox
	Choices
	PausedConversations
	Aliases
	DeadLetters
	Events
	Settings
	Media

	// Lease waits until this process alone may do what the name stands for, such as
	// to run a channel that is polled, and returns a context, derived from ctx, that
	// ends when that is no longer certain, with Close at the latest. Release gives it
	// up. A store of one process never waits. It fails with ctx's error.
	Lease(ctx context.Context, name string) (leased context.Context, release func(), err error)

	// Depth returns how much waits, what is claimed included. It is cheap, and may be a
	// second old; a minute while it can't be counted, so that limits stay in force.
	Depth(ctx context.Context) (Depth, error)

	// Waiting returns how much of what waits, as Depth counts it, belongs to which
	// channel. Channels of which nothing waits are left out.
	Waiting(ctx context.Context) (map[string]Waiting, error)

	// Sweep deletes what need not be remembered any longer: dedupe keys whose window
	// has passed, events and addresses that are older than Env.Retention, and the
	// replies of such events also where they are known by a key, dead letters that are
	// older than Env.DeadLetterRetention, choices older than ChoiceRetention, aliases (see
	// AliasAge), and media (see Media). What waits for longer than Env.StaleAfter, of
	// whatever channel, and is not claimed, becomes a dead letter of KindExpired with an
	// EventExpired (see ExpiredEvent), in the order of its conversation. It works on about
	// limit rows at most and returns how many; fewer than limit means that nothing is left
	// to do.
	Sweep(ctx context.Context, limit int) (int, error)

	// Close ends every waiting call with ErrClosed and releases the store. What is
	// claimed then is given out again when the store is opened next.
	Close() error
}

// Sharer is a Journal that several programs may share at once.
type Sharer interface {
	// Programs returns how many share it now, this one included: each keeps to its part of
	// the rates of channels.Limits. It may be a few seconds old, and asks nobody.
	Programs() int
}

// Errors of a Journal.
var (
	// ErrFenced says that a claim is no longer the current one.
	ErrFenced = errors.New("journal: the claim was lost")
	// ErrQueueFull says that as many as may wait for a conversation's lock.
	ErrQueueFull = errors.New("journal: too many wait in this conversation")
	// ErrClosed says that the store was closed.
	ErrClosed = errors.New("journal: closed")
)

// Key names a message: dedupe works by it.
type Key struct {
	Channel, Sender, ID string
}

// Claim is the right to settle one row; a newer claim on the row ends it.
type Claim struct {
	// Row is the row's number, unique in its table for ever and rising with the
	// order of commits.
	Row int64
	// Token is the fencing token: it rises with each claim of the row.
	Token int64
}

// Depth is how much waits.
type Depth struct {
	Inbox, Outbox, DeadLetters int
	// Free is how many bytes can still be written where the journal is, -1 when that
	// is not known.
	Free int64
}

// Waiting is how much of a channel waits.
type Waiting struct {
	Inbox, Outbox int
}

// WaitingOf joins the counts of inbox and outbox by channel.
func WaitingOf(inbox, outbox map[string]int) map[string]Waiting {
	all := map[string]Waiting{}
	for name, n := range inbox {
		all[name] = Waiting{Inbox: n}
	}
	for name, n := range outbox {
		all[name] = Waiting{Inbox: all[name].Inbox, Outbox: n}
	}
	return all
}
