package postgres

import (
	"sync"

	"github.com/manyvox/manyvox/channels"
)

// waiting is a caller of Acquire of this process that waits for its lock.
type waiting struct {
	channels.Conversation
	// granted is closed when it has the lock, lost when its row is gone.
	granted, lost chan struct{}
	// joined says that its row is committed, and paused, once it has the lock, that the
	// conversation is.
	joined, paused bool
}

// waiters are those of this process, by their rows.
type waiters struct {
	mu    sync.Mutex
	byRow map[int64]*waiting
}

func newWaiters() *waiters { return &waiters{byRow: map[int64]*waiting{}} }

func (w *waiters) add(c channels.Conversation, row int64) *waiting {
	w.mu.Lock()
	defer w.mu.Unlock()
	one := &waiting{Conversation: c, granted: make(chan struct{}), lost: make(chan struct{})}
	w.byRow[row] = one
	return one
}

// join says that the row is committed.
func (w *waiters) join(row int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if one := w.byRow[row]; one != nil {
		one.joined = true
	}
}

// grant lets a waiter go on that has the lock, if it is one of this process.
func (w *waiters) grant(row int64, paused bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if one := w.byRow[row]; one != nil {
		one.paused = paused
		close(one.granted)
		delete(w.byRow, row)
	}
}

// lose lets a waiter join the queue again whose row is gone.
func (w *waiters) lose(row int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if one := w.byRow[row]; one != nil {
		close(one.lost)
		delete(w.byRow, row)
	}
}

func (w *waiters) remove(row int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.byRow, row)
}

// loseAll does so with all: other replicas have removed their rows.
func (w *waiters) loseAll() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, one := range w.byRow {
		close(one.lost)
	}
	clear(w.byRow)
}

// all returns the waiters as they are now.
func (w *waiters) all() map[int64]waiting {
	w.mu.Lock()
	defer w.mu.Unlock()
	all := map[int64]waiting{}
	for row, one := range w.byRow {
		all[row] = *one
	}
	return all
}
