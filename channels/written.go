package channels

import (
	"crypto/sha256"
	"fmt"
)

// Written remembers what was written in the messages that a platform has told of last. By it a
// channel tells an edit by a message's writer from the other changes that the platform tells of,
// such as the preview of a link that was added. Its method may be called concurrently.
type Written struct {
	last *Recent[string, writing]
}

// writing is what an event has told of a message.
type writing struct {
	event string
	sum   [sha256.Size]byte
}

// maxWritten is how many messages a Written remembers at least.
const maxWritten = 10_000

// NewWritten returns a Written that knows of no message.
func NewWritten() *Written { return &Written{NewRecent[string, writing](maxWritten)} }

// IsNew reports whether an event tells something else of a message than the one before: its text,
// its files. It is true for a message that is not known, and for an event that had told something
// new when it comes again, since it may not have been stored.
func (w *Written) IsNew(message, event string, content ...any) bool {
	now := writing{event, sha256.Sum256(fmt.Appendf(nil, "%q", content))}
	last, known := w.last.Get(message)
	if known && last.sum == now.sum {
		return last.event == event
	}
	w.last.Put(message, now)
	return true
}
