package postgres

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/manyvox/manyvox/service/journal"
)

// holds are the names that this process holds, and how often.
type holds struct {
	mu  sync.Mutex
	all map[string]*hold
}

// hold is a name; several callers of one process hold it together.
type hold struct {
	token   int64
	holders int
}

const (
	takeHold = `
INSERT INTO hold AS h (name, replica, token)
SELECT $1, r.id, nextval('number') FROM replica r WHERE r.id = $2 AND r.until > clock_timestamp()
ON CONFLICT (name) DO UPDATE SET replica = excluded.replica, token = excluded.token
WHERE h.replica = excluded.replica
	OR NOT EXISTS (SELECT FROM replica r WHERE r.id = h.replica AND r.until > clock_timestamp())
RETURNING token`
	endHold = `DELETE FROM hold WHERE name = $1 AND token = $2`
)

// Lease is journal.Journal's. The database being away is no end of the wait.
func (s *Store) Lease(ctx context.Context, name string) (held context.Context, release func(), err error) {
	for {
		certain := s.lease.certain()
		token, err := s.takeHold(ctx, name)
		if err == nil && certain.Err() == nil {
			return s.holding(ctx, certain, name, token)
		}
		if end := s.refuse(ctx); end != nil {
			return nil, nil, end
		}
		select {
		case <-time.After(s.options.Poll):
		case <-ctx.Done():
		case <-s.closing:
		}
	}
}

// errHeld says that another replica holds a name.
var errHeld = errors.New("another replica holds it")

func (s *Store) takeHold(ctx context.Context, name string) (token int64, err error) {
	err = s.read(ctx, func(ctx context.Context) error {
		err := s.db.QueryRow(ctx, takeHold, []byte(name), s.lease.current()).Scan(&token)
		if errors.Is(err, pgx.ErrNoRows) {
			return errHeld
		}
		return err
	})
	return token, err
}

// holding returns what Hold returns once the name is held.
func (s *Store) holding(ctx, certain context.Context, name string, token int64) (context.Context, func(), error) {
	s.holds.add(name, token)
	held, cancel := context.WithCancelCause(ctx)
	stop := context.AfterFunc(certain, func() { cancel(errLost) })
	var once sync.Once
	release := func() {
		once.Do(func() {
			stop()
			cancel(context.Canceled)
			if last := s.holds.remove(name); last != 0 {
				s.endHold(name, last)
			}
		})
	}
	return held, release, nil
}

// endHold lets another replica hold a name.
func (s *Store) endHold(name string, token int64) {
	s.persist(func(ctx context.Context) error {
		return s.read(ctx, func(ctx context.Context) error {
			_, err := s.db.Exec(ctx, endHold, []byte(name), token)
			return err
		})
	})
}

func newHolds() *holds { return &holds{all: map[string]*hold{}} }

func (h *holds) add(name string, token int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.all[name] == nil {
		h.all[name] = &hold{}
	}
	h.all[name].token = max(h.all[name].token, token)
	h.all[name].holders++
}

// remove returns the token of the name when nobody here holds it any more, and else 0.
func (h *holds) remove(name string) (token int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	one := h.all[name]
	if one.holders--; one.holders > 0 {
		return 0
	}
	delete(h.all, name)
	return one.token
}

// errLost says that this process can't be certain of what it holds or waits for.
var errLost = errors.Join(journal.ErrFenced, errors.New("journal postgres: the lease of this replica was lost"))
