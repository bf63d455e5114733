package instance

import (
	"sync/atomic"
	"time"
)

// unwritableTime is how long a journal whose write transaction failed counts as one
// that cannot be written. Then messages are let in again, to see whether it still fails.
const unwritableTime = 10 * time.Second

// JournalHealth knows whether the journal can be written. The journal reports to it:
// Committed is the value of journal.Env.Committed.
type JournalHealth struct {
	errors atomic.Int64
	// failed is when the last transaction failed, in nanoseconds since 1970; 0 when one
	// has succeeded since.
	failed atomic.Int64
}

// Committed takes the outcome of a write transaction.
func (h *JournalHealth) Committed(err error) {
	switch {
	case err != nil:
		h.errors.Add(1)
		h.failed.Store(time.Now().UnixNano())
	case h.failed.Load() != 0: // a load is cheaper than a store that all share
		h.failed.Store(0)
	}
}

// IsWritable reports whether messages can be stored, as far as is known.
func (h *JournalHealth) IsWritable() bool {
	failed := h.failed.Load()
	return failed == 0 || time.Since(time.Unix(0, failed)) > unwritableTime
}

// Errors returns how many transactions have failed.
func (h *JournalHealth) Errors() int64 { return h.errors.Load() }
