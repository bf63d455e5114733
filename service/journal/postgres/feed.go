package postgres

import (
	"context"
	"sync"

	"github.com/manyvox/manyvox/service/journal"
)

// feed tells who follows the events that there are newer ones.
type feed struct {
	changed journal.Broadcast

	mu sync.Mutex
	// seen is the newest cursor that was told.
	seen int64
}

// tell says that there is an event with the cursor.
func (f *feed) tell(cursor int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if cursor > f.seen {
		f.seen = cursor
		f.changed.Send()
	}
}

// poll looks for events of other replicas, when somebody waits for them.
func (f *feed) poll(ctx context.Context, s *Store) error {
	if !f.changed.IsAwaited() {
		return nil
	}
	var cursor int64
	if err := s.db.QueryRow(ctx, readCursor).Scan(&cursor); err != nil {
		return err
	}
	f.tell(cursor)
	return nil
}
