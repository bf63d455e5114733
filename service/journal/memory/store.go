package memory

import (
	"cmp"
	"context"
	"sync"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/scheduler"
)

// Store is a journal in memory. One mutex guards the rows; no call holds it while it
// waits for a row or a lock.
type Store struct {
	inbox  *scheduler.Scheduler[*message]
	outbox *scheduler.Scheduler[*part]
	env    journal.Env

	// closed ends when the store is closed, by close.
	closed context.Context
	close  context.CancelFunc

	mu sync.Mutex
	// messages and parts hold the rows by number.
	messages  map[int64]*message
	parts     map[int64]*part
	keys      map[journal.Key]*knownMessage
	dead      map[int64]*deadLetter
	addresses map[channels.Conversation]address
	offers    map[channels.Conversation][]*offer
	events    events
	settings  map[string]string
	media     map[mediumKey]*medium
	paused    journal.PausedSet
	aliases   aliases
	// lastMessage, lastPart, lastDead and lastToken are the highest numbers given.
	lastMessage, lastPart, lastDead, lastToken int64
}

// Open returns an empty store that keeps events for journal.DefaultRetention.
func Open() *Store { return Keep(journal.DefaultRetention) }

// Keep returns an empty store that keeps events so long; 0 keeps no text.
func Keep(retention time.Duration) *Store { return newStore(journal.Env{Retention: retention}) }

func newStore(env journal.Env) *Store {
	closed, closeStore := context.WithCancel(context.Background())
	s := &Store{
		closed: closed, close: closeStore,
		inbox: scheduler.New[*message](0), outbox: scheduler.New[*part](0), env: env,
		messages: map[int64]*message{}, parts: map[int64]*part{}, keys: map[journal.Key]*knownMessage{},
		dead: map[int64]*deadLetter{}, addresses: map[channels.Conversation]address{},
		offers: map[channels.Conversation][]*offer{}, settings: map[string]string{}, media: map[mediumKey]*medium{},
		aliases: aliases{senders: map[channels.Conversation]string{}, lists: map[channels.Conversation][]journal.Alias{}},
	}
	s.outbox.Open(scheduler.Unlimited())
	return s
}

// Depth is journal.Journal's.
func (s *Store) Depth(ctx context.Context) (d journal.Depth, err error) {
	err = s.read(ctx, func() error {
		d = journal.Depth{Inbox: len(s.messages), Outbox: len(s.parts), DeadLetters: len(s.dead), Free: -1}
		return nil
	})
	return d, err
}

// Waiting is journal.Journal's.
func (s *Store) Waiting(ctx context.Context) (map[string]journal.Waiting, error) {
	var waiting map[string]journal.Waiting
	err := s.read(ctx, func() error {
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

// retention is how long events are kept.
func (s *Store) retention() time.Duration { return cmp.Or(s.env.Retention, journal.DefaultRetention) }

// deadRetention is how long dead letters are kept.
func (s *Store) deadRetention() time.Duration {
	return cmp.Or(s.env.DeadLetterRetention, journal.DefaultDeadLetterRetention)
}

// staleAfter is the age from which nothing is worked on.
func (s *Store) staleAfter() time.Duration {
	return cmp.Or(s.env.StaleAfter, journal.DefaultStaleAfter)
}

// textless reports whether the store keeps nothing that was written.
func (s *Store) textless() bool { return s.env.Retention == 0 }

// read runs f, which changes no row, unless the store is closed or ctx has ended.
func (s *Store) read(ctx context.Context, f func() error) error {
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

// write runs f as read does and reports it as a transaction. F changes nothing when it
// fails.
func (s *Store) write(ctx context.Context, f func() error) error {
	err := s.read(ctx, f)
	s.env.Report(ctx, err)
	return err
}

var _ journal.Journal = (*Store)(nil)
