package postgres

import (
	"context"
	"sync"

	"github.com/manyvox/manyvox/service/journal"
)

// subscription wakes those who follow the events when there are newer ones.
type subscription struct {
	changed journal.Broadcast

	mu sync.Mutex
	// announced is the newest cursor that the followers were woken for. A commit and a poll
	// may both find the same events; they wake only once.
	announced int64
}

// announce wakes the followers, given that there is an event with the cursor.
func (f *subscription) announce(cursor int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if cursor > f.announced {
		f.announced = cursor
		f.changed.Send()
	}
}

// poll looks for events of other replicas. Without followers it asks nothing of the
// database.
func (f *subscription) poll(ctx context.Context, s *Store) error {
	if !f.changed.IsAwaited() {
		return nil
	}
	var cursor int64
	if err := s.readPool.QueryRow(ctx, readCursor).Scan(&cursor); err != nil {
		return err
	}
	f.announce(cursor)
	return nil
}
