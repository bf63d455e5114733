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
	inbox  *journal.Lines[*message]
	outbox *journal.Lines[*part]

	mu     sync.Mutex
	closed bool
	// messages and parts hold the rows by number, keys when each dedupe key expires.
	messages map[int64]*message
	parts    map[int64]*part
	keys     map[key]time.Time
	dead     map[int64]*deadLetter
	// lastMessage, lastPart and lastDead are the highest numbers given.
	lastMessage, lastPart, lastDead int64
}

// key is a message's dedupe key.
type key struct {
	conversation channels.Conversation
	id           string
}

// Open returns an empty store.
func Open() *Store {
	s := &Store{
		inbox: journal.NewLines[*message](0), outbox: journal.NewLines[*part](0),
		messages: map[int64]*message{}, parts: map[int64]*part{},
		keys: map[key]time.Time{}, dead: map[int64]*deadLetter{},
	}
	s.outbox.Open()
	return s
}

// Depth is journal.Journal's.
func (s *Store) Depth(ctx context.Context) (d journal.Depth, err error) {
	err = s.change(ctx, func() error {
		d = journal.Depth{Inbox: len(s.messages), Outbox: len(s.parts), DeadLetters: len(s.dead)}
		return nil
	})
	return d, err
}

// Sweep is journal.Journal's.
func (s *Store) Sweep(ctx context.Context, limit int) (swept int, err error) {
	err = s.change(ctx, func() error {
		now := time.Now()
		for k, expires := range s.keys {
			if swept < limit && !expires.After(now) {
				delete(s.keys, k)
				swept++
			}
		}
		return nil
	})
	return swept, err
}

// Close is journal.Journal's.
func (s *Store) Close() error {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.inbox.Close()
	s.outbox.Close()
	return nil
}

// change runs f alone, unless the store is closed or ctx has ended.
func (s *Store) change(ctx context.Context, f func() error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return journal.ErrClosed
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return f()
}

var _ journal.Journal = (*Store)(nil)
