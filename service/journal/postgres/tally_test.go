//go:build unix

package postgres_test

import (
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// What is counted with the commits stays right while several replicas write and sum it up.
func TestTally(t *testing.T) {
	t.Parallel()
	f := newReplicaSet(t, newDatabase(t), 2, longLease())
	const writers, each = 6, 15
	var writing sync.WaitGroup
	for n := range writers {
		s := f.all[n%2]
		writing.Go(func() {
			for i := range each {
				sender := fmt.Sprint(n, "-", i)
				_, err := s.Enqueue(t.Context(), entryOf(sender, "1"), entryOf(sender, "2"))
				if err != nil {
					t.Error(err)
				}
				if i%3 == 0 {
					if _, err := s.Forget(t.Context(), channels.Conversation{Channel: "web", Sender: sender}); err != nil {
						t.Error(err)
					}
				}
				if _, err := s.Sweep(t.Context(), 9); err != nil {
					t.Error(err)
				}
			}
		})
	}
	writing.Wait()
	wantCounts(t, f.all[0], journal.Depth{Inbox: writers * each * 2 * 2 / 3, Free: -1})
	if n, err := f.QueryInt(t.Context(), `SELECT count(*) FROM tally`); err != nil || n > writers*each {
		t.Errorf("the tally has %d rows, error %v", n, err)
	}
}

// Many rows of the tally are summed up by who counts, and it says the same then.
func TestTallyIsSummedUp(t *testing.T) {
	t.Parallel()
	s := openReplica(t, newDatabase(t), longLease())
	if _, err := s.Enqueue(t.Context(), entryOf("ann", "1")); err != nil {
		t.Fatal(err)
	}
	const many = `INSERT INTO tally SELECT 'inbox', 'web', CASE WHEN n % 2 = 0 THEN 1 ELSE -1 END FROM generate_series(1, 3000) n`
	if err := s.Exec(t.Context(), many); err != nil {
		t.Fatal(err)
	}
	wantCounts(t, s, journal.Depth{Inbox: 1, Free: -1})
	if n, err := s.QueryInt(t.Context(), `SELECT count(*) FROM tally`); err != nil || n != 1 {
		t.Errorf("the tally has %d rows, error %v", n, err)
	}
}

// While nothing can be counted the limits go by what was counted last, and the log says so.
func TestDepthIsKept(t *testing.T) {
	t.Parallel()
	server := shared.get(t)
	at := server.URL(server.Database(t))
	lines := newLogLines()
	o := shortLease()
	o.Timeout, o.Log = 500*time.Millisecond, slog.New(slog.NewTextHandler(lines, nil))
	s := openReplica(t, at, o)
	if _, err := s.Enqueue(t.Context(), entryOf("ann", "1")); err != nil {
		t.Fatal(err)
	}
	wantCounts(t, s, journal.Depth{Inbox: 1, Free: -1})
	lock(t, at, "tally")
	for range 2 {
		time.Sleep(2 * o.CountsMaxAge)
		if d, err := s.Depth(t.Context()); err != nil || d.Inbox != 1 {
			t.Errorf("Depth returns %+v, error %v", d, err)
		}
	}
	if found := lines.with("counting what waits"); len(found) != 1 {
		t.Errorf("the log has %q", found)
	}
}
