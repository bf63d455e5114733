package postgres

import (
	"context"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

// Each replica has a row in the table replica, with the time until which it counts as
// alive, by the database's clock: the replicas' own clocks may differ. A heartbeat puts
// that time off by Options.Lease. Three things follow from it.
//
// Claims carry the replica's number. Once its time is over any other replica may take them
// over (see freeClaims), and then removes the row. A replica that comes back finds its row
// gone and begins again under another number; what it had claimed is lost.
//
// A commit does not rely on the lease. Each transaction locks the row of its replica and
// checks the fencing tokens of its claims, so it is the database that says whether they
// still hold. A replica that slept for an hour can commit nothing that it may not.
//
// What is done outside of the database can't be fenced so. It relies on validity, which ends
// when two thirds of the lease have passed since the renewal was sent (2 s of 3 s), before
// anybody may take over. Leases of names (namelease.go) end with it.

// lease is the lease of this replica.
type lease struct {
	store *Store
	pool  *pgxpool.Pool
	// renewNow is sent when a heartbeat is wanted at once.
	renewNow signal

	// renewMu is held while the lease is renewed, so that two renewals, the heartbeat's and
	// the writer's, do not both begin again. It is taken before mu.
	renewMu sync.Mutex

	mu sync.Mutex
	// id is the replica's number, 0 before the first renewal.
	id int64
	// formerIDs are earlier numbers under which readers may still stand as connected.
	formerIDs []int64
	// expired says that the number is not to be used any more.
	expired bool
	// programs is how many replicas there were at the last renewal, this one included.
	programs int
	// valid ends when others may take this process for dead; it is nil before the first
	// renewal.
	valid *validity
}

func newLease(s *Store, pool *pgxpool.Pool) *lease {
	return &lease{store: s, pool: pool, renewNow: newSignal()}
}

const (
	addReplica = `
WITH r AS (INSERT INTO replica (id, until)
	VALUES (nextval('number'), clock_timestamp() + $1 * interval '1 millisecond') RETURNING id)
INSERT INTO mark (replica, number, at) SELECT id, 0, clock_timestamp() FROM r
RETURNING replica`
	renewReplica = `
UPDATE replica SET until = clock_timestamp() + $2 * interval '1 millisecond' WHERE id = $1`
	readPrograms = `SELECT count(*) FROM replica WHERE until > clock_timestamp()`
)

// replicaID returns the number that claims are made with now.
func (l *lease) replicaID() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.id
}

// alone reports whether there were no other replicas at the last heartbeat. One that has
// come since finds by polling what it is not notified of.
func (l *lease) alone() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.programs <= 1
}

// Programs is journal.Sharer's. It is as old as a heartbeat.
func (s *Store) Programs() int {
	s.lease.mu.Lock()
	defer s.lease.mu.Unlock()
	return max(1, s.lease.programs)
}

// validity returns a context that ends when others may take this process for dead. Whoever
// takes something by the lease asks for it before, and checks that it has not ended after.
func (l *lease) validity() *validity {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.valid
}

// current returns the number that claims are made with now, and its validity.
func (l *lease) current() (id int64, valid *validity) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.id, l.valid
}

// abandon gives the number up, when it can't be known what was committed under it. Its
// claims go to others once its time is over.
func (l *lease) abandon() {
	l.mu.Lock()
	l.expired = true
	l.valid.end()
	l.mu.Unlock()
	l.renewNow.send()
}

// run renews the lease until the store closes.
func (l *lease) run() {
	for {
		select {
		case <-time.After(l.store.options.Heartbeat):
		case <-l.renewNow:
		case <-l.store.closing:
			return
		}
		ctx, cancel := context.WithTimeout(context.Background(), l.store.options.Timeout)
		err := l.renew(ctx)
		if err == nil {
			err = l.store.takeOver(ctx)
		}
		if err == nil {
			err = l.movePresence()
		}
		cancel()
		if l.store.ended(context.Background()) == nil {
			l.store.heartbeats.report(err)
		}
	}
}

// recheck renews the lease after the database was away: others may have taken over since.
// On return, if they have, what was claimed under the old number is forgotten.
func (l *lease) recheck() {
	ctx, cancel := context.WithTimeout(context.Background(), l.store.options.Timeout)
	defer cancel()
	_ = l.renew(ctx) // if it fails, the next heartbeat finds out
}

// renew extends the lease, or begins a new one when others have removed the replica.
func (l *lease) renew(ctx context.Context) error {
	l.renewMu.Lock()
	defer l.renewMu.Unlock()
	began := time.Now()
	l.mu.Lock()
	id, expired := l.id, l.expired || l.id == 0
	l.mu.Unlock()
	if !expired {
		tag, err := l.pool.Exec(ctx, renewReplica, id, l.store.options.Lease.Milliseconds())
		if err != nil {
			return err
		}
		expired = tag.RowsAffected() == 0
	}
	if expired {
		if err := l.restart(ctx); err != nil {
			return err
		}
	}
	var programs int
	if err := l.pool.QueryRow(ctx, readPrograms).Scan(&programs); err != nil {
		return err
	}
	l.extend(began, programs)
	return nil
}

// restart begins under another number. What was claimed under the last one is lost; readers
// are still connected, though, and movePresence moves them to the new number.
func (l *lease) restart(ctx context.Context) error {
	var id int64
	if err := l.pool.QueryRow(ctx, addReplica, l.store.options.Lease.Milliseconds()).Scan(&id); err != nil {
		return err
	}
	l.mu.Lock()
	if l.id != 0 {
		l.formerIDs = append(l.formerIDs, l.id)
		l.renewNow.send()
	}
	l.id, l.expired = id, false
	l.valid.end()
	l.mu.Unlock()
	l.store.forgetClaims()
	return nil
}

// extend moves the end of validity. It counts from when the renewal was sent, since the
// database may have set its time at any moment after that. A renewal that comes too late
// begins another validity: others may have taken claims over in the gap.
func (l *lease) extend(began time.Time, programs int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.programs = programs
	until := began.Add(l.store.options.validity())
	if !l.valid.extend(until) {
		l.valid = newValidity(until)
	}
}

// stop ends validity, when the store closes.
func (l *lease) stop() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.valid.end()
}
