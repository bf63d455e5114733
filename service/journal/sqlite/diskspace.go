package sqlite

import (
	"sync"
	"time"
)

// diskSpace is how much can still be written. It asks the system once a second at most.
type diskSpace struct {
	dir string

	mu    sync.Mutex
	asked time.Time
	free  int64
}

// bytes returns how many bytes can still be written, -1 when that is not known.
func (s *diskSpace) bytes() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	if now := time.Now(); s.asked.IsZero() || now.Sub(s.asked) >= time.Second {
		s.asked, s.free = now, freeBytes(s.dir)
	}
	return s.free
}
