package postgres

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/manyvox/manyvox/service/journal"
)

// nameLeases are the names that this process holds, and how often.
type nameLeases struct {
	mu  sync.Mutex
	all map[string]*nameLease
}

// nameLease is a name; several callers of one process hold it together.
type nameLease struct {
	token int64
	users int
}

const (
	acquireName = `
INSERT INTO hold AS h (name, replica, token)
SELECT $1, r.id, nextval('number') FROM replica r WHERE r.id = $2 AND r.until > clock_timestamp()
ON CONFLICT (name) DO UPDATE SET replica = excluded.replica, token = excluded.token
WHERE h.replica = excluded.replica
	OR NOT EXISTS (SELECT FROM replica r WHERE r.id = h.replica AND r.until > clock_timestamp())
RETURNING token`
	releaseName = `DELETE FROM hold WHERE name = $1 AND token = $2`
)

// Lease is journal.Journal's. The database being away is no end of the wait.
func (s *Store) Lease(ctx context.Context, name string) (leased context.Context, release func(), err error) {
	for {
		certain := s.lease.validity()
		token, err := s.acquireName(ctx, name)
		if err == nil && certain.Err() == nil {
			return s.leased(ctx, certain, name, token)
		}
		if end := s.ended(ctx); end != nil {
			return nil, nil, end
		}
		select {
		case <-time.After(s.options.Poll):
		case <-ctx.Done():
		case <-s.closing:
		}
	}
}

// errNameTaken says that another replica holds a name.
var errNameTaken = errors.New("another replica holds it")

func (s *Store) acquireName(ctx context.Context, name string) (token int64, err error) {
	err = s.read(ctx, func(ctx context.Context) error {
		err := s.readPool.QueryRow(ctx, acquireName, []byte(name), s.lease.replicaID()).Scan(&token)
		if errors.Is(err, pgx.ErrNoRows) {
			return errNameTaken
		}
		return err
	})
	return token, err
}

// leased returns what Hold returns once the name is held.
func (s *Store) leased(ctx, certain context.Context, name string, token int64) (context.Context, func(), error) {
	s.nameLeases.add(name, token)
	held, cancel := context.WithCancelCause(ctx)
	stop := context.AfterFunc(certain, func() { cancel(errLeaseLost) })
	var once sync.Once
	release := func() {
		once.Do(func() {
			stop()
			cancel(context.Canceled)
			if last := s.nameLeases.remove(name); last != 0 {
				s.releaseName(name, last)
			}
		})
	}
	return held, release, nil
}

// releaseName lets another replica hold a name.
func (s *Store) releaseName(name string, token int64) {
	s.retryInBackground(func(ctx context.Context) error {
		return s.read(ctx, func(ctx context.Context) error {
			_, err := s.readPool.Exec(ctx, releaseName, []byte(name), token)
			return err
		})
	})
}

func newNameLeases() *nameLeases { return &nameLeases{all: map[string]*nameLease{}} }

func (h *nameLeases) add(name string, token int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.all[name] == nil {
		h.all[name] = &nameLease{}
	}
	h.all[name].token = max(h.all[name].token, token)
	h.all[name].users++
}

// remove returns the token of the name when nobody here holds it any more, and else 0.
func (h *nameLeases) remove(name string) (token int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	one := h.all[name]
	if one.users--; one.users > 0 {
		return 0
	}
	delete(h.all, name)
	return one.token
}

// errLeaseLost says that this process can't be certain of what it holds or waits for.
var errLeaseLost = errors.Join(journal.ErrFenced, errors.New("journal postgres: the lease of this replica was lost"))
