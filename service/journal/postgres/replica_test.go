//go:build unix

package postgres_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/journaltest"
	"github.com/manyvox/manyvox/service/journal/postgres"
)

// replicaSet is several replicas as one store: each call goes to the next, and what belongs
// to a claim to the one that gave it.
type replicaSet struct {
	*postgres.Store
	all  []*postgres.Store
	last atomic.Int64

	mu        sync.Mutex
	claimedBy map[journal.Claim]*postgres.Store
}

// newReplicaSet opens n replicas of a database.
func newReplicaSet(t *testing.T, url string, n int, o postgres.Options) *replicaSet {
	t.Helper()
	f := &replicaSet{claimedBy: map[journal.Claim]*postgres.Store{}}
	for range n {
		f.all = append(f.all, openReplica(t, url, o))
	}
	f.Store = f.all[0]
	return f
}

// openReplica opens a store, closed with the test.
func openReplica(t *testing.T, url string, o postgres.Options) *postgres.Store {
	t.Helper()
	s, err := postgres.Open(t.Context(), url, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func (f *replicaSet) nextReplica() *postgres.Store { return f.all[int(f.last.Add(1))%len(f.all)] }

func (f *replicaSet) Enqueue(ctx context.Context, es ...journal.Entry) ([]bool, error) {
	return f.nextReplica().Enqueue(ctx, es...)
}

func (f *replicaSet) AppendEvents(ctx context.Context, es ...channels.Event) error {
	return f.nextReplica().AppendEvents(ctx, es...)
}

func (f *replicaSet) Next(ctx context.Context) (journal.Turn, error) {
	s := f.nextReplica()
	turn, err := s.Next(ctx)
	if err == nil {
		f.mu.Lock()
		f.claimedBy[turn.Claim] = s
		f.mu.Unlock()
	}
	return turn, err
}

func (f *replicaSet) Settle(ctx context.Context, c journal.Claim, step journal.Step) error {
	f.mu.Lock()
	s := f.claimedBy[c]
	f.mu.Unlock()
	return s.Settle(ctx, c, step)
}

// newDatabase returns the URL of a new database of the shared server.
func newDatabase(t testing.TB) string {
	t.Helper()
	server := shared.get(t)
	return server.URL(server.Database(t))
}

// Three replicas lose, double and disorder nothing, and no two work on a conversation at
// once.
func TestReplicas(t *testing.T) {
	t.Parallel()
	f := newReplicaSet(t, newDatabase(t), 3, postgres.Options{Retention: -1})
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	report, err := journaltest.Load(ctx, f, journaltest.Size{Conversations: 200, Agents: 60, Posters: 30})
	if err != nil || report != (journaltest.Report{}) {
		t.Errorf("load: %+v, error %v", report, err)
	}
}

// Cursors skip nothing, whichever replica writes.
func TestReplicasFollow(t *testing.T) {
	t.Parallel()
	f := newReplicaSet(t, newDatabase(t), 3, postgres.Options{Retention: -1})
	report, err := journaltest.Follow(t.Context(), f, 9, 60)
	if err != nil || report != (journaltest.FollowReport{}) {
		t.Errorf("follow: %+v, error %v", report, err)
	}
}

// Each replica knows how many there are, and when one has gone.
func TestPrograms(t *testing.T) {
	t.Parallel()
	f := newReplicaSet(t, newDatabase(t), 3, shortLease())
	all := func(n int) bool { return f.all[0].Programs() == n && f.all[1].Programs() == n }
	eventually(t, func() bool { return all(3) })
	if err := f.all[2].Close(); err != nil {
		t.Fatal(err)
	}
	eventually(t, func() bool { return all(2) })
}

// Callers of all replicas are in one queue, in the order in which they came.
func TestReplicasAcquire(t *testing.T) {
	t.Parallel()
	f := newReplicaSet(t, newDatabase(t), 3, postgres.Options{Retention: -1})
	c := channels.Conversation{Channel: "web", Sender: "ann"}
	lock, err := f.all[0].Acquire(t.Context(), c, 9)
	if err != nil {
		t.Fatal(err)
	}
	const callers = 9
	order := make(chan int, callers)
	var waiting sync.WaitGroup
	for i := range callers {
		joined := f.waiters(t)
		waiting.Go(func() {
			lock, err := f.all[i%3].Acquire(t.Context(), c, callers)
			if err != nil {
				t.Error(err)
				return
			}
			order <- i
			lock.Release()
		})
		eventually(t, func() bool { return f.waiters(t) > joined })
	}
	if _, err := f.all[1].Acquire(t.Context(), c, callers); !errors.Is(err, journal.ErrQueueFull) {
		t.Errorf("one more than may wait gets error %v", err)
	}
	lock.Release()
	waiting.Wait()
	for i := range callers {
		if got := <-order; got != i {
			t.Errorf("caller %d is first after %d others", got, i)
		}
	}
}

// waiters is how many wait.
func (f *replicaSet) waiters(t *testing.T) (n int) {
	t.Helper()
	n, err := f.QueryInt(t.Context(), "SELECT count(*) FROM caller")
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// eventually waits for what another process or the database does.
func eventually(t *testing.T, comes func() bool) {
	t.Helper()
	for range 3000 {
		if comes() {
			return
		}
		time.Sleep(10 * time.Millisecond) // there is no signal from another process
	}
	t.Fatal("it does not come about")
}

// A name is leased by one replica at a time; when that gives it up, by the next.
func TestReplicasLease(t *testing.T) {
	t.Parallel()
	f := newReplicaSet(t, newDatabase(t), 2, postgres.Options{Retention: -1, Lease: 600 * time.Millisecond, Poll: 50 * time.Millisecond})
	held, release, err := f.all[0].Lease(t.Context(), "telegram")
	if err != nil {
		t.Fatal(err)
	}
	got := make(chan error, 1)
	go func() {
		_, release, err := f.all[1].Lease(t.Context(), "telegram")
		if err == nil {
			defer release()
		}
		got <- err
	}()
	select {
	case err := <-got:
		t.Fatalf("two have the lease at once, error %v", err)
	case <-time.After(time.Second): // longer than the lease
	}
	if held.Err() != nil {
		t.Errorf("the lease ends with %v", context.Cause(held))
	}
	release()
	if err := <-got; err != nil {
		t.Error(err)
	}
}

// A replica of an earlier version goes on beside one that adds to the tables, whichever
// comes first.
func TestOldBesideNew(t *testing.T) {
	t.Parallel()
	url := newDatabase(t)
	before := postgres.Options{Retention: -1}
	after := before.WithMigrations(
		`ALTER TABLE inbox ADD COLUMN novelty text`,
		`ALTER TABLE conversation ADD COLUMN novelty bigint NOT NULL DEFAULT 7`,
	)
	old := openReplica(t, url, before)
	exchangeMessage(t, old, old, "1")
	renewed := openReplica(t, url, after)
	exchangeMessage(t, old, renewed, "2")
	exchangeMessage(t, renewed, old, "3")
	late := openReplica(t, url, before)
	exchangeMessage(t, renewed, late, "4")
	exchangeMessage(t, late, renewed, "5")
}

// A database of the first version is brought to this one with what waits in it, and so
// that the first version's statements do as before.
func TestUpgrade(t *testing.T) {
	t.Parallel()
	url := newDatabase(t)
	old := openReplica(t, url, postgres.Options{Retention: -1}.FirstMigrations(1))
	body, err := journal.EncodePart(channels.Part{ID: "p", Channel: "web", Sender: "bob"})
	if err != nil {
		t.Fatal(err)
	}
	store := func(s *postgres.Store, sender string) {
		t.Helper()
		for _, sql := range []string{
			`INSERT INTO conversation (channel, sender, seen, part_due) VALUES ('web', $1, 1, 0)`,
			`INSERT INTO outbox (row, channel, sender, position, due, stored, attempts, body)
				SELECT n, 'web', $1, n, 0, 1, 0, '` + string(body) + `' FROM nextval('number') n`,
		} {
			if err := s.Exec(t.Context(), sql, []byte(sender)); err != nil {
				t.Fatal(err)
			}
		}
	}
	store(old, "bob")
	s := openOutboxes(t, url, 1, shortLease())[0]
	settlePart(t, s, nextPart(t, s, "p"), sentPart)
	store(old, "ann")
	settlePart(t, s, nextPart(t, s, "p"), sentPart)
	wake(t, s, bob)
	gone(t, s, bob)
}

// exchangeMessage has one replica store a message and another answer it.
func exchangeMessage(t *testing.T, from, to *postgres.Store, id string) {
	t.Helper()
	if _, err := from.Enqueue(t.Context(), entryOf("ann", id)); err != nil {
		t.Fatal(err)
	}
	turn, err := to.Next(t.Context())
	if err != nil || turn.Message.ID != id {
		t.Fatalf("Next returns %s, error %v; want %s", turn.Message.ID, err, id)
	}
	if err := to.Settle(t.Context(), turn.Claim, journal.Step{End: done()}); err != nil {
		t.Fatal(err)
	}
}

func entryOf(sender, id string) journal.Entry {
	return journal.Entry{
		Message: channels.Message{Channel: "web", Sender: sender, ID: id, Text: id}, Window: time.Hour,
	}
}
