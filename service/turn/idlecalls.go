package turn

import (
	"sync"
	"time"
)

const (
	// maxIdleCalls is how many goroutines wait for another call. An agent that answers at
	// once needs few, and one that does not gains nothing.
	maxIdleCalls = 16
	// idleTime is how long one waits that is not needed, and at most twice as long.
	idleTime = 100 * time.Millisecond
)

// idleCalls are calls whose goroutines wait for another turn. A new goroutine begins with a
// small stack, and to copy that as it grows cost a tenth of a short streamed turn.
type idleCalls struct {
	mu   sync.Mutex
	list []*call
	// spare is how many of the first were not needed since the last trim.
	spare    int
	trimming bool
	closed   bool
}

// take returns the call that was put last, nil when there is none.
func (i *idleCalls) take() *call {
	i.mu.Lock()
	defer i.mu.Unlock()
	if len(i.list) == 0 {
		return nil
	}
	last := len(i.list) - 1
	c := i.list[last]
	i.list = i.list[:last]
	i.spare = min(i.spare, last)
	return c
}

// put keeps a call for another turn, or ends its goroutine.
func (i *idleCalls) put(c *call) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.closed || len(i.list) == maxIdleCalls {
		close(c.turns)
		return
	}
	i.list = append(i.list, c)
	if !i.trimming {
		i.trimming = true
		time.AfterFunc(idleTime, i.trim)
	}
}

// trim ends the goroutines that were not needed, until none is left.
func (i *idleCalls) trim() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.end(i.spare)
	i.spare = len(i.list)
	i.trimming = i.spare > 0
	if i.trimming {
		time.AfterFunc(idleTime, i.trim)
	}
}

// end ends the first n goroutines.
func (i *idleCalls) end(n int) {
	for _, c := range i.list[:n] {
		close(c.turns)
	}
	left := copy(i.list, i.list[n:])
	clear(i.list[left:])
	i.list = i.list[:left]
}

// close ends all goroutines, also of calls that are put later.
func (i *idleCalls) close() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.closed = true
	i.end(len(i.list))
	i.spare = 0
}
