package postgres

import (
	"context"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

// lease says that this process is alive. It is renewed by heartbeats; when others took
// it for dead, which ends its claims, it begins anew under another number.
type lease struct {
	store *Store
	db    *pgxpool.Pool
	// renewSoon asks for a heartbeat at once.
	renewSoon chan struct{}

	// renewMu is held while the lease is renewed.
	renewMu sync.Mutex

	mu sync.Mutex
	id int64
	// formerIDs are earlier numbers under which readers are held still.
	formerIDs []int64
	// expired says that the number is not to be used any more.
	expired bool
	// peers says that there are other replicas.
	peers bool
	// valid ends when it is not certain any more that others take this process for
	// alive.
	valid      context.Context
	invalidate context.CancelFunc
	timer      *time.Timer
}

func newLease(s *Store, db *pgxpool.Pool) *lease {
	return &lease{store: s, db: db, renewSoon: make(chan struct{}, 1)}
}

const (
	addReplica = `
WITH r AS (INSERT INTO replica (id, until)
	VALUES (nextval('number'), clock_timestamp() + $1 * interval '1 millisecond') RETURNING id)
INSERT INTO mark (replica, number, at) SELECT id, 0, clock_timestamp() FROM r
RETURNING replica`
	renewReplica = `
UPDATE replica SET until = clock_timestamp() + $2 * interval '1 millisecond' WHERE id = $1`
	readPeers = `SELECT count(*) > 1 FROM replica WHERE until > clock_timestamp()`
)

func (l *lease) replicaID() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.id
}

// alone reports whether there were no other replicas at the last heartbeat.
func (l *lease) alone() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return !l.peers
}

// validity returns a context that ends when others may take this process for dead.
func (l *lease) validity() context.Context {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.valid
}

// abandon gives the number up. Its claims go to others once its time is over.
func (l *lease) abandon() {
	l.mu.Lock()
	l.expired = true
	if l.invalidate != nil {
		l.invalidate()
	}
	l.mu.Unlock()
	l.renewNow()
}

// renewNow asks for a heartbeat at once.
func (l *lease) renewNow() {
	select {
	case l.renewSoon <- struct{}{}:
	default:
	}
}

// run renews the lease until the store closes.
func (l *lease) run() {
	for {
		select {
		case <-time.After(l.store.options.Heartbeat):
		case <-l.renewSoon:
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
		if err != nil && l.store.ended(context.Background()) == nil {
			l.store.options.Log.Warn("journal postgres: heartbeat", "error", err)
		}
	}
}

// recheck renews the lease after the database was away: others may have taken over since.
func (l *lease) recheck() {
	ctx, cancel := context.WithTimeout(context.Background(), l.store.options.Timeout)
	defer cancel()
	_ = l.renew(ctx) // the next heartbeat tells
}

// renew extends the lease, or begins a new one.
func (l *lease) renew(ctx context.Context) error {
	l.renewMu.Lock()
	defer l.renewMu.Unlock()
	began := time.Now()
	l.mu.Lock()
	id, lapsed := l.id, l.expired || l.id == 0
	l.mu.Unlock()
	if !lapsed {
		tag, err := l.db.Exec(ctx, renewReplica, id, l.store.options.Lease.Milliseconds())
		if err != nil {
			return err
		}
		lapsed = tag.RowsAffected() == 0
	}
	if lapsed {
		if err := l.restart(ctx); err != nil {
			return err
		}
	}
	var peers bool
	if err := l.db.QueryRow(ctx, readPeers).Scan(&peers); err != nil {
		return err
	}
	l.extend(began, peers)
	return nil
}

// restart begins under another number. What the last one had claimed is lost; the readers
// that it held are still connected.
func (l *lease) restart(ctx context.Context) error {
	var id int64
	if err := l.db.QueryRow(ctx, addReplica, l.store.options.Lease.Milliseconds()).Scan(&id); err != nil {
		return err
	}
	l.mu.Lock()
	if l.id != 0 {
		l.formerIDs = append(l.formerIDs, l.id)
		l.renewNow()
	}
	l.id, l.expired = id, false
	if l.invalidate != nil {
		l.invalidate()
	}
	l.mu.Unlock()
	l.store.forgetClaims()
	return nil
}

// extend moves the moment at which this process is not certain any more.
func (l *lease) extend(began time.Time, peers bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.peers = peers
	left := l.store.options.validity() - time.Since(began)
	if l.valid == nil || l.valid.Err() != nil {
		l.valid, l.invalidate = context.WithCancel(context.Background())
	} else {
		l.timer.Stop()
	}
	l.timer = time.AfterFunc(left, l.invalidate)
}

func (l *lease) stop() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.timer != nil {
		l.timer.Stop()
		l.invalidate()
	}
}
