package postgres

import (
	"context"
	"sync"

	"github.com/manyvox/manyvox/service/journal"
)

// subscription tells who follows the events that there are newer ones.
type subscription struct {
	changed journal.Broadcast

	mu sync.Mutex
	// announced is the newest cursor that was told.
	announced int64
}

// announce says that there is an event with the cursor.
func (f *subscription) announce(cursor int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if cursor > f.announced {
		f.announced = cursor
		f.changed.Send()
	}
}

// poll looks for events of other replicas, when somebody waits for them.
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
