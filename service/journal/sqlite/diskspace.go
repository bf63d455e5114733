package sqlite

import (
	"sync"
	"time"
)

// space tells how much can still be written, and asks the system once a second at most.
type space struct {
	dir string

	mu    sync.Mutex
	asked time.Time
	free  int64
}

// bytes returns -1 when that is not known.
func (s *space) bytes() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	if now := time.Now(); s.asked.IsZero() || now.Sub(s.asked) >= time.Second {
		s.asked, s.free = now, freeBytes(s.dir)
	}
	return s.free
}
