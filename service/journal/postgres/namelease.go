package postgres

import (
	"context"
	"errors"
	"sync"

	"github.com/jackc/pgx/v5"

	"github.com/manyvox/manyvox/service/journal"
)

// A lease of a name says that one replica alone does something, such as to run a channel
// that is polled. It stands in the table hold under the replica's number, and lasts as long
// as the replica's own lease. Its token rises each time the name is leased, so that
// a release that comes late does not end the lease of whoever has the name then.

// nameLeases are the names that this process has leased.
type nameLeases struct {
	mu  sync.Mutex
	all map[string]*nameLease
}

// nameLease is the lease of a name. Several callers of one process have it together.
type nameLease struct {
	token int64
	users int
}

const (
	// acquireName leases a name that is free, or whose replica's lease has ended, or that
	// this replica has already.
	acquireName = `
INSERT INTO hold AS h (name, replica, token)
SELECT $1, r.id, nextval('number') FROM replica r WHERE r.id = $2 AND r.until > clock_timestamp()
ON CONFLICT (name) DO UPDATE SET replica = excluded.replica, token = excluded.token
WHERE h.replica = excluded.replica
	OR NOT EXISTS (SELECT FROM replica r WHERE r.id = h.replica AND r.until > clock_timestamp())
RETURNING token`
	releaseName = `DELETE FROM hold WHERE name = $1 AND token = $2`
)

// Lease is journal.Journal's. It goes on waiting while the database is away.
func (s *Store) Lease(ctx context.Context, name string) (leased context.Context, release func(), err error) {
	for {
		// Asked for before the name is, so that a lease that was lost in between is noticed.
		validity := s.lease.validity()
		token, err := s.acquireName(ctx, name)
		if err == nil && validity.Err() == nil {
			leased, release = s.leased(ctx, validity, name, token)
			return leased, release, nil
		}
		if end := s.ended(ctx); end != nil {
			return nil, nil, end
		}
		sleep(ctx, s.options.Poll, s.closing)
	}
}

// errNameTaken says that another replica has leased a name. Nothing was written then.
var errNameTaken = errors.New("another replica has leased it")

func (s *Store) acquireName(ctx context.Context, name string) (token int64, err error) {
	err = s.read(ctx, func(ctx context.Context) error {
		err := s.readPool.QueryRow(ctx, acquireName, []byte(name), s.lease.replicaID()).Scan(&token)
		if errors.Is(err, pgx.ErrNoRows) {
			return errNameTaken
		}
		return err
	})
	if !errors.Is(err, errNameTaken) {
		s.options.report(ctx, err)
	}
	return token, err
}

// leased returns the context of a name that was leased, which ends with validity, and its
// release.
func (s *Store) leased(ctx, validity context.Context, name string, token int64) (context.Context, func()) {
	s.nameLeases.add(name, token)
	leased, cancel := context.WithCancelCause(ctx)
	stop := context.AfterFunc(validity, func() { cancel(errLeaseLost) })
	return leased, sync.OnceFunc(func() {
		stop()
		cancel(context.Canceled)
		if last := s.nameLeases.remove(name); last != 0 {
			s.releaseName(name, last)
		}
	})
}

// releaseName lets another replica lease a name.
func (s *Store) releaseName(name string, token int64) {
	s.retryInBackground(func(ctx context.Context) error {
		err := s.read(ctx, func(ctx context.Context) error {
			_, err := s.readPool.Exec(ctx, releaseName, []byte(name), token)
			return err
		})
		s.options.report(ctx, err)
		return err
	})
}

func newNameLeases() *nameLeases { return &nameLeases{all: map[string]*nameLease{}} }

func (l *nameLeases) add(name string, token int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.all[name] == nil {
		l.all[name] = &nameLease{}
	}
	l.all[name].token = max(l.all[name].token, token)
	l.all[name].users++
}

// remove returns the token of the name when nobody here uses it any more, and else 0.
func (l *nameLeases) remove(name string) (token int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	one := l.all[name]
	if one.users--; one.users > 0 {
		return 0
	}
	delete(l.all, name)
	return one.token
}

// errLeaseLost says that this process can't be certain any more of what it has or waits for.
var errLeaseLost = errors.Join(journal.ErrFenced, errors.New("journal postgres: the lease of this replica was lost"))
