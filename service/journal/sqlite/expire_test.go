package sqlite_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/sqlite"
)

// sweepBusy runs a sweep of stale rows, and beside it what check does while the sweep waits
// for the writer. It returns what the sweep returned.
func sweepBusy(t *testing.T, s *sqlite.Store, check func()) (int, error) {
	t.Helper()
	release := make(chan struct{})
	go s.Busy(release)
	synctest.Wait()
	var swept int
	var err error
	done := make(chan struct{})
	go func() {
		defer close(done)
		swept, err = s.Sweep(t.Context(), 9)
	}()
	synctest.Wait()
	check()
	close(release)
	<-done
	return swept, err
}

// Nobody gets a stale row while it is being swept: it can't be worked on and be a dead
// letter at once. When the sweep fails the row is given out.
func TestExpiringIsGivenToNobody(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]func(*testing.T, *sqlite.Store){
		"swept": func(t *testing.T, s *sqlite.Store) {
			turns := make(chan journal.Turn, 1)
			swept, err := sweepBusy(t, s, func() {
				go func() {
					if turn, err := s.Next(t.Context()); err == nil {
						turns <- turn
					}
				}()
				synctest.Wait()
			})
			if swept != 1 || err != nil {
				t.Errorf("%d rows are swept, error %v", swept, err)
			}
			synctest.Wait()
			if len(turns) > 0 {
				t.Error("the message is given out too")
			}
			depth(t, s, journal.Depth{DeadLetters: 1})
		},
		"not swept": func(t *testing.T, s *sqlite.Store) {
			if _, err := sweepBusy(t, s, func() { pragma(t, s, "PRAGMA query_only = 1") }); err == nil {
				t.Error("a sweep succeeds that can't write")
			}
			pragma(t, s, "PRAGMA query_only = 0")
			next(t, s, "1")
			depth(t, s, journal.Depth{Inbox: 1})
		},
		"forgotten in the same transaction": func(t *testing.T, s *sqlite.Store) {
			ann := channels.Conversation{Channel: "web", Sender: "ann"}
			forgotten := make(chan error, 1)
			swept, err := sweepBusy(t, s, func() {
				go func() {
					_, err := s.Forget(t.Context(), ann)
					forgotten <- err
				}()
				synctest.Wait()
			})
			if err := errors.Join(err, <-forgotten); swept != 1 || err != nil {
				t.Errorf("%d rows are swept, error %v", swept, err)
			}
			depth(t, s, journal.Depth{})
			if n, err := s.Queued(t.Context(), ann, 9); n != 0 || err != nil {
				t.Errorf("%d are queued, error %v", n, err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				s, err := sqlite.Open(t.Context(), dir, sqlite.Options{StaleAfter: time.Minute})
				if err != nil {
					t.Fatal(err)
				}
				defer mustClose(t, s)
				put(t, s, entryOf("ann", "1", "text"))
				time.Sleep(2 * time.Minute)
				test(t, s)
			})
		})
	}
}

// A stale row that can't be read becomes a dead letter as one that is claimed does, without
// an event, and the others expire.
func TestUnreadableExpires(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		s, err := sqlite.Open(t.Context(), dir, sqlite.Options{StaleAfter: time.Minute})
		if err != nil {
			t.Fatal(err)
		}
		defer mustClose(t, s)
		s.OpenInbox()
		for _, id := range []string{"1", "2"} {
			put(t, s, entryOf("ann", id, "text"))
		}
		if err := s.Corrupt(t.Context(), 1, false); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Minute)
		if n, err := s.Sweep(context.Background(), 9); n != 2 || err != nil {
			t.Fatalf("%d rows are swept, error %v", n, err)
		}
		list, err := s.DeadLetters(t.Context(), "", 0, 9)
		if err != nil || len(list) != 2 || list[0].Kind != journal.KindUnreadable || list[1].Kind != journal.KindExpired {
			t.Errorf("dead letters %+v, error %v", list, err)
		}
		page, err := s.Events(t.Context(), journal.EventFilter{}, 0, 9)
		if err != nil || len(page.Events) != 1 || page.Events[0].MessageID != "2" {
			t.Errorf("events %+v, error %v", page.Events, err)
		}
	})
}
