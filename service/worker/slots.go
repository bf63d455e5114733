package worker

import (
	"context"
	"sync"
)

// Slots bound how much is worked on at once. The bound may change meanwhile. Its methods may
// be called concurrently.
type Slots struct {
	mu           sync.Mutex
	taken, limit int
	// waiting is closed when a slot may be free; nil while nobody waits.
	waiting chan struct{}
}

// NewSlots returns as many slots as the limit says.
func NewSlots(limit int) *Slots { return &Slots{limit: limit} }

// SetLimit changes how many slots there are. Those that are taken stay taken.
func (s *Slots) SetLimit(limit int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.limit = limit
	s.wake()
}

// acquire takes a slot for one of those who fetch, numbered from 0, and reports whether there
// was one before ctx ended. No more of them fetch at once than there are slots.
func (s *Slots) acquire(ctx context.Context, fetcher int) bool {
	for ctx.Err() == nil {
		free := s.take(fetcher)
		if free == nil {
			return true
		}
		select {
		case <-free:
		case <-ctx.Done():
		}
	}
	return false
}

// take takes a slot, or returns what is closed when one may be free.
func (s *Slots) take(fetcher int) (free <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.taken < s.limit && fetcher < s.limit {
		s.taken++
		return nil
	}
	if s.waiting == nil {
		s.waiting = make(chan struct{})
	}
	return s.waiting
}

// release gives a slot back.
func (s *Slots) release() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.taken--
	s.wake()
}

// wake has all who wait look again. The lock is held.
func (s *Slots) wake() {
	if s.waiting != nil {
		close(s.waiting)
		s.waiting = nil
	}
}
