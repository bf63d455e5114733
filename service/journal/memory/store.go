// Package memory is a journal that is gone with the process, for tests and throwaway
// runs.
package memory

import (
	"context"
	"sync"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// Store is a journal in memory.
type Store struct {
	inbox     *journal.Lines[*message]
	outbox    *journal.Lines[*part]
	retention time.Duration

	// closed ends with the store, by close.
	closed context.Context
	close  context.CancelFunc

	mu sync.Mutex
	// messages and parts hold the rows by number.
	messages  map[int64]*message
	parts     map[int64]*part
	keys      map[journal.Key]*record
	dead      map[int64]*deadLetter
	addresses map[channels.Conversation]address
	events    events
	// lastMessage, lastPart, lastDead and lastToken are the highest numbers given.
	lastMessage, lastPart, lastDead, lastToken int64
}

// Open returns an empty store that keeps events for journal.DefaultRetention.
func Open() *Store { return Keep(journal.DefaultRetention) }

// Keep returns an empty store that keeps events so long; 0 keeps no text.
func Keep(retention time.Duration) *Store {
	closed, closeStore := context.WithCancel(context.Background())
	s := &Store{
		closed: closed, close: closeStore,
		inbox: journal.NewLines[*message](0), outbox: journal.NewLines[*part](0), retention: retention,
		messages: map[int64]*message{}, parts: map[int64]*part{}, keys: map[journal.Key]*record{},
		dead: map[int64]*deadLetter{}, addresses: map[channels.Conversation]address{},
	}
	s.outbox.Open()
	return s
}

// Depth is journal.Journal's.
func (s *Store) Depth(ctx context.Context) (d journal.Depth, err error) {
	err = s.change(ctx, func() error {
		d = journal.Depth{Inbox: len(s.messages), Outbox: len(s.parts), DeadLetters: len(s.dead), Free: -1}
		return nil
	})
	return d, err
}

// Waiting is journal.Journal's.
func (s *Store) Waiting(ctx context.Context) (map[string]journal.Waiting, error) {
	var waiting map[string]journal.Waiting
	err := s.change(ctx, func() error {
		waiting = journal.WaitingOf(s.inbox.Stored(), s.outbox.Stored())
		return nil
	})
	return waiting, err
}

// Close is journal.Journal's.
func (s *Store) Close() error {
	s.mu.Lock()
	s.close()
	s.mu.Unlock()
	s.inbox.Close()
	s.outbox.Close()
	return nil
}

// change runs f unless the store is closed or ctx has ended.
func (s *Store) change(ctx context.Context, f func() error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed.Err() != nil {
		return journal.ErrClosed
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return f()
}

var _ journal.Journal = (*Store)(nil)
