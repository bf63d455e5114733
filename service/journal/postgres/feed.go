package postgres

import (
	"context"
	"sync"
)

// feed tells who follows the events that there are newer ones.
type feed struct {
	mu sync.Mutex
	// next is closed when there are.
	next chan struct{}
	// watched says that somebody waits for that.
	watched bool
	// seen is the newest cursor that was told.
	seen int64
}

func newFeed() *feed { return &feed{next: make(chan struct{})} }

func (f *feed) changed() <-chan struct{} {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.watched = true
	return f.next
}

// tell says that there is an event with the cursor.
func (f *feed) tell(cursor int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if cursor <= f.seen {
		return
	}
	f.seen = cursor
	if f.watched {
		f.watched = false
		close(f.next)
		f.next = make(chan struct{})
	}
}

// poll looks for events of other replicas, when somebody waits for them.
func (f *feed) poll(ctx context.Context, s *Store) error {
	f.mu.Lock()
	watched := f.watched
	f.mu.Unlock()
	if !watched {
		return nil
	}
	var cursor int64
	if err := s.db.QueryRow(ctx, readCursor).Scan(&cursor); err != nil {
		return err
	}
	f.tell(cursor)
	return nil
}
