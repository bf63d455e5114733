//go:build unix

package postgres_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// reports collects what a store reports of its transactions.
type reports struct {
	mu  sync.Mutex
	all []error
}

func (r *reports) add(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all = append(r.all, err)
}

// take returns what was reported since it was called last.
func (r *reports) take() []error {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := r.all
	r.all = nil
	return all
}

// want checks that a call was reported once, with the outcome that its caller got.
func (r *reports) want(t *testing.T, call string, err error) {
	t.Helper()
	if got := r.take(); len(got) != 1 || (got[0] == nil) != (err == nil) {
		t.Errorf("%s returns error %v, and the reports are %v", call, err, got)
	}
}

// Each write transaction is reported once, with its outcome: while the database is away
// as failed, then again as committed.
func TestReport(t *testing.T) {
	t.Parallel()
	server := shared.get(t)
	proxy := server.Proxy(t)
	var r reports
	o := shortLease()
	o.Timeout, o.Committed = testTimeout, r.add // no call gives up before its outcome is known
	s := openReplica(t, proxy.URL(server.Database(t)), o)
	enqueue := func(id string) error { _, err := s.Enqueue(t.Context(), entryOf("ann", id)); return err }

	r.want(t, "Enqueue", enqueue("1"))
	proxy.Cut()
	err := enqueue("2")
	if err == nil {
		t.Fatal("Enqueue succeeds without a database")
	}
	r.want(t, "Enqueue without a database", err)
	proxy.Restore()
	for err != nil {
		err = enqueue("2")
		r.want(t, "Enqueue after the database was away", err)
	}
	_, err = s.Sweep(t.Context(), 10)
	r.want(t, "Sweep", err)
}

// A transaction that was tried again is reported once, with the last outcome.
func TestReportOfRetry(t *testing.T) {
	t.Parallel()
	var r reports
	o := withoutPolling()
	o.Heartbeat, o.Committed = time.Hour, r.add
	s := openReplica(t, newDatabase(t), o)
	id := s.ReplicaID()
	if err := s.Exec(t.Context(), "DELETE FROM replica"); err != nil { // as others do who take it for dead
		t.Fatal(err)
	}
	_, err := s.Enqueue(t.Context(), entryOf("ann", "1"))
	r.want(t, "Enqueue", err)
	if err != nil || s.ReplicaID() == id {
		t.Errorf("Enqueue is not tried again under another number, error %v", err)
	}
}

// What wrote nothing was no transaction: a lost claim says nothing of the journal.
func TestReportOfNothing(t *testing.T) {
	t.Parallel()
	var r reports
	o := withoutPolling()
	o.Committed = r.add
	s := openReplica(t, newDatabase(t), o)
	a := journal.Asked{Key: journal.Key{Channel: "web", Sender: "ann", ID: "1"}, Token: 7}
	if err := s.SettleAsk(t.Context(), a, journal.Step{Shown: true}); !errors.Is(err, journal.ErrFenced) {
		t.Fatalf("SettleAsk returns error %v, want a lost claim", err)
	}
	if got := r.take(); len(got) != 0 {
		t.Errorf("reports of what wrote nothing: %v", got)
	}
}

// Operations that were written together are reported together. When the database rejects
// one of them, they are written and reported alone.
func TestReportOfGroup(t *testing.T) {
	t.Parallel()
	url := newDatabase(t)
	var r reports
	o := withoutPolling()
	o.Timeout, o.Committed = testTimeout, r.add
	s := openReplica(t, url, o)
	blocker, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer blocker.Close(context.Background())
	if _, err := blocker.Exec(t.Context(), "BEGIN; LOCK TABLE counter IN ACCESS EXCLUSIVE MODE"); err != nil {
		t.Fatal(err)
	}
	appendEvent := func(kind channels.EventKind) error {
		return s.AppendEvents(t.Context(), channels.Event{Kind: kind, Channel: "web", Sender: "ann", Time: time.Now()})
	}
	outcomes := make(chan error, 3)
	for _, kind := range []channels.EventKind{"first", "second", "a zero byte, which text does not take: \x00"} {
		go func() { outcomes <- appendEvent(kind) }()
	}
	eventually(t, func() bool {
		n, err := s.QueryInt(t.Context(), "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()")
		return err == nil && n > 0
	})
	if _, err := blocker.Exec(t.Context(), "ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	failed := 0
	for range 3 {
		if err := <-outcomes; err != nil {
			failed++
		}
	}
	got := r.take()
	reported := len(slices.DeleteFunc(slices.Clone(got), func(err error) bool { return err == nil }))
	if failed != 1 || reported != 1 || len(got) < 2 || len(got) > 3 {
		t.Errorf("%d calls fail, and the reports are %v", failed, got)
	}
}

// A commit whose outcome the caller did not learn is reported once it is known.
func TestReportOfUnknownOutcome(t *testing.T) {
	t.Parallel()
	server := shared.get(t)
	proxy, way := newMutingProxy(t, server.URL(server.Database(t)), "part-one")
	var r reports
	o := shortLease()
	o.Timeout, o.Lease, o.Committed = time.Second, 20*time.Second, r.add
	s := openReplica(t, way, o)
	p := journal.Push{
		Key: journal.Key{Channel: "web", Sender: "ann", ID: "1"}, Window: time.Hour,
		Parts: []channels.Part{{ID: "part-one", Channel: "web", Sender: "ann"}},
	}
	if _, err := s.Push(t.Context(), p); err == nil {
		t.Fatal("Push learns the outcome")
	}
	if got := r.take(); len(got) != 0 {
		t.Errorf("reports before the outcome is known: %v", got)
	}
	close(proxy.unmute)
	var got []error
	eventually(t, func() bool { got = append(got, r.take()...); return len(got) > 0 })
	d, err := s.Depth(t.Context())
	if err != nil || d.Outbox != 1 {
		t.Errorf("%d parts are stored, error %v", d.Outbox, err)
	}
	if got = append(got, r.take()...); len(got) != 1 || got[0] != nil {
		t.Errorf("reports %v, want one commit", got)
	}
}
