package sqlite_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/sqlite"
)

// reports collects what the store reports of its transactions.
type reports struct {
	mu   sync.Mutex
	errs []error
}

func (r *reports) add(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.errs = append(r.errs, err)
}

// take returns what was reported since it was called last: true for what was committed.
func (r *reports) take() []bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	var committed []bool
	for _, err := range r.errs {
		committed = append(committed, err == nil)
	}
	r.errs = nil
	return committed
}

// reporting opens a store whose reports are collected.
func reporting(t *testing.T, dir string) (*sqlite.Store, *reports) {
	t.Helper()
	r := &reports{}
	s, err := sqlite.Open(t.Context(), dir, sqlite.Options{Committed: r.add})
	if err != nil {
		t.Fatal(err)
	}
	return s, r
}

func expectReports(t *testing.T, r *reports, what string, want ...bool) {
	t.Helper()
	if diff := cmp.Diff(want, r.take()); diff != "" {
		t.Errorf("%s: reports (-want +got):\n%s", what, diff)
	}
}

// A failed transaction is reported once with its error, a committed one once with nil.
func TestCommitIsReported(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		// fail makes the writer's transactions fail and returns what ends that.
		fail func(t *testing.T, s *sqlite.Store, dir string) (mend func())
	}{
		"a disk that takes nothing": {func(t *testing.T, s *sqlite.Store, _ string) func() {
			pragma(t, s, "PRAGMA query_only = 1")
			return func() { pragma(t, s, "PRAGMA query_only = 0") }
		}},
		"a transaction that can't begin": {func(t *testing.T, s *sqlite.Store, dir string) func() {
			pragma(t, s, "PRAGMA busy_timeout = 0")
			p := openPrevious(t, dir)
			p.exec("BEGIN IMMEDIATE")
			return func() { p.exec("ROLLBACK") }
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			s, r := reporting(t, dir)
			defer mustClose(t, s)
			r.take()
			put(t, s, entryOf("ann", "1", "text"))
			expectReports(t, r, "stored", true)
			mend := c.fail(t, s, dir)
			if _, err := s.Enqueue(t.Context(), entryOf("ann", "2", "text")); err == nil {
				t.Error("a message is stored")
			}
			expectReports(t, r, "not stored", false)
			if turn, err := s.Next(t.Context()); err == nil {
				t.Errorf("Next returns %+v, want an error", turn)
			}
			expectReports(t, r, "not claimed", false)
			mend()
			next(t, s, "1")
			expectReports(t, r, "claimed", true)
		})
	}
}

// Operations that share a transaction are reported once. When it fails, so is it, and the
// transaction of each of them.
func TestSharedCommitIsReported(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		s, r := reporting(t, dir)
		defer mustClose(t, s)
		enqueue := func(id, text string) func() error {
			return func() error {
				_, err := s.Enqueue(t.Context(), entryOf("ann", id, text))
				return err
			}
		}
		r.take()
		// The transaction before is that of the operation that keeps the writer busy.
		if errs := together(s, enqueue("1", "text"), enqueue("2", "text")); count(errs, nil) != 2 {
			t.Errorf("errors %v", errs)
		}
		expectReports(t, r, "both", true, true)
		pragma(t, s, "PRAGMA max_page_count = 40")
		errs := together(s, enqueue("3", "text"), enqueue("4", large))
		if errs[0] != nil || errs[1] == nil {
			t.Errorf("errors %v, want the second alone to fail", errs)
		}
		expectReports(t, r, "one of them", true, false, true, false)
	})
}

// What says nothing of the disk is not reported.
func TestUnwrittenIsNotReported(t *testing.T) {
	t.Parallel()
	s, r := reporting(t, t.TempDir())
	put(t, s, entryOf("ann", "1", "text"))
	claim := next(t, s, "1").Claim
	done := journal.Step{End: ended(journal.OutcomeDone)}
	if err := s.Settle(t.Context(), claim, done); err != nil {
		t.Fatal(err)
	}
	r.take()
	if err := s.Settle(t.Context(), claim, done); !errors.Is(err, journal.ErrFenced) {
		t.Errorf("Settle returns %v, want ErrFenced", err)
	}
	expectReports(t, r, "a lost claim")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Enqueue(ctx, entryOf("ann", "2", "text")); !errors.Is(err, context.Canceled) {
		t.Errorf("Enqueue returns %v, want the context's error", err)
	}
	expectReports(t, r, "a caller that gave up")
	if _, err := s.History(t.Context(), channels.Conversation{Channel: "web", Sender: "ann"}, 9); err != nil {
		t.Error(err)
	}
	expectReports(t, r, "a read")
	mustClose(t, s)
	if _, err := s.Enqueue(t.Context(), entryOf("ann", "2", "text")); !errors.Is(err, journal.ErrClosed) {
		t.Errorf("Enqueue returns %v, want ErrClosed", err)
	}
	expectReports(t, r, "a closed store")
}

// Open reports each migration and the count of the opening.
func TestOpeningIsReported(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, want := range []int{sqlite.Migrations() + 1, 1} {
		s, r := reporting(t, dir)
		expectReports(t, r, "opened", slices.Repeat([]bool{true}, want)...)
		mustClose(t, s)
	}
}
