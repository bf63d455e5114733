package scheduler

import (
	"time"

	"github.com/manyvox/manyvox/channels"
)

// Row is what the scheduler knows of a stored row.
type Row[T any] struct {
	Conversation channels.Conversation
	// Number is the row's number, as in journal.Claim.
	Number int64
	// Position orders the rows of a queue. It is the number that the row had when it was
	// stored first: a row that was replayed has a new number and its old position.
	Position int64
	// Stored is when the row was stored, with a reading of the monotonic clock.
	Stored time.Time
	// Due is when the row may be claimed; zero is at once.
	Due time.Time
	// Growing says that the row takes no slot of its channel when it is claimed.
	Growing bool
	// Doubtful is what journal.Delivery says of a part.
	Doubtful bool
	// Value is the store's own.
	Value T
}
