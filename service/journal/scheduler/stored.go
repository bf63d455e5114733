package scheduler

import (
	"maps"
	"time"
)

// storedRows counts the rows that are stored, claimed ones included.
type storedRows struct {
	counts map[string]int // by channel; channels without rows are left out
	// oldest is a time before which no row was stored; zero when there is no row.
	oldest time.Time
}

// add counts a row, which was stored at that time.
func (s *storedRows) add(channel string, at time.Time) {
	s.counts[channel]++
	s.oldest = earlier(s.oldest, at)
}

// remove stops counting n rows. It leaves oldest, which is only a bound, as it is.
func (s *storedRows) remove(channel string, n int) {
	if s.counts[channel] -= n; s.counts[channel] == 0 {
		delete(s.counts, channel)
	}
}

// mayPrecede reports whether a row may have been stored before that time.
func (s *storedRows) mayPrecede(t time.Time) bool {
	return !s.oldest.IsZero() && s.oldest.Before(t)
}

// earlier returns the earlier of two times, of which a may be zero for none.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || b.Before(a) {
		return b
	}
	return a
}

// Len returns how many rows are stored, claimed ones included.
func (s *Scheduler[T]) Len() (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, count := range s.stored.counts {
		n += count
	}
	return n
}

// Stored returns how many rows each channel has, claimed ones included. Channels without
// rows are left out.
func (s *Scheduler[T]) Stored() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.stored.counts)
}
