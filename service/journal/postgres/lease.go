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
	// early asks for a heartbeat at once.
	early chan struct{}

	// renewing is held while the lease is renewed.
	renewing sync.Mutex

	mu sync.Mutex
	id int64
	// former are earlier numbers under which readers are held still.
	former []int64
	// lapsed says that the number is not to be used any more.
	lapsed bool
	// peers says that there are other replicas.
	peers bool
	// held ends when it is not certain any more that others take this process for
	// alive.
	held  context.Context
	fence context.CancelFunc
	timer *time.Timer
}

func newLease(s *Store, db *pgxpool.Pool) *lease {
	return &lease{store: s, db: db, early: make(chan struct{}, 1)}
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

func (l *lease) current() int64 {
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

// certain returns a context that ends when others may take this process for dead.
func (l *lease) certain() context.Context {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.held
}

// lose gives the number up. Its claims go to others once its time is over.
func (l *lease) lose() {
	l.mu.Lock()
	l.lapsed = true
	if l.fence != nil {
		l.fence()
	}
	l.mu.Unlock()
	l.hurry()
}

// hurry asks for a heartbeat at once.
func (l *lease) hurry() {
	select {
	case l.early <- struct{}{}:
	default:
	}
}

// beat renews the lease until the store closes.
func (l *lease) beat() {
	for {
		select {
		case <-time.After(l.store.options.Heartbeat):
		case <-l.early:
		case <-l.store.closing:
			return
		}
		ctx, cancel := context.WithTimeout(context.Background(), l.store.options.Patience)
		err := l.renew(ctx)
		if err == nil {
			err = l.store.takeOver(ctx)
		}
		if err == nil {
			err = l.rehold()
		}
		cancel()
		if err != nil && l.store.refuse(context.Background()) == nil {
			l.store.options.Log.Warn("journal postgres: heartbeat", "error", err)
		}
	}
}

// check renews the lease after the database was away: others may have taken over since.
func (l *lease) check() {
	ctx, cancel := context.WithTimeout(context.Background(), l.store.options.Patience)
	defer cancel()
	_ = l.renew(ctx) // the next heartbeat tells
}

// renew extends the lease, or begins a new one.
func (l *lease) renew(ctx context.Context) error {
	l.renewing.Lock()
	defer l.renewing.Unlock()
	began := time.Now()
	l.mu.Lock()
	id, lapsed := l.id, l.lapsed || l.id == 0
	l.mu.Unlock()
	if !lapsed {
		tag, err := l.db.Exec(ctx, renewReplica, id, l.store.options.Lease.Milliseconds())
		if err != nil {
			return err
		}
		lapsed = tag.RowsAffected() == 0
	}
	if lapsed {
		if err := l.anew(ctx); err != nil {
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

// anew begins under another number. What the last one had claimed is lost; the readers
// that it held are still connected.
func (l *lease) anew(ctx context.Context) error {
	var id int64
	if err := l.db.QueryRow(ctx, addReplica, l.store.options.Lease.Milliseconds()).Scan(&id); err != nil {
		return err
	}
	l.mu.Lock()
	if l.id != 0 {
		l.former = append(l.former, l.id)
		l.hurry()
	}
	l.id, l.lapsed = id, false
	if l.fence != nil {
		l.fence()
	}
	l.mu.Unlock()
	l.store.lapse()
	return nil
}

// extend moves the moment at which this process is not certain any more.
func (l *lease) extend(began time.Time, peers bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.peers = peers
	left := l.store.options.certain() - time.Since(began)
	if l.held == nil || l.held.Err() != nil {
		l.held, l.fence = context.WithCancel(context.Background())
	} else {
		l.timer.Stop()
	}
	l.timer = time.AfterFunc(left, l.fence)
}

func (l *lease) stop() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.timer != nil {
		l.timer.Stop()
		l.fence()
	}
}
