package sqlite

import "sync"

// signal tells all who wait for it that something happened.
type signal struct {
	mu   sync.Mutex
	next chan struct{}
}

// wait returns a channel that the next give closes.
func (s *signal) wait() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.next == nil {
		s.next = make(chan struct{})
	}
	return s.next
}

func (s *signal) give() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.next != nil {
		close(s.next)
		s.next = nil
	}
}
