package journaltest

import (
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/service/journal"
)

const (
	// window is how long the store has to remember the keys of the suite's messages.
	window = 48 * time.Hour
	// moment is how long the suite waits, on the bubble's clock, before it is sure that
	// nothing comes. In a bubble that takes no time.
	moment = time.Millisecond
)

// harness is the store under test, with calls that end the test when they do not return
// what a right store returns.
type harness struct {
	*testing.T
	journal.Journal
	open    Open
	env     journal.Env
	corrupt func(t testing.TB, j journal.Journal, row int64, outbox bool)

	// commits has what the store reports, also when it is opened again.
	commits commits
	// broken says that the store was made to fail.
	broken bool
}

// newHarness opens a store in the directory.
func newHarness(t *testing.T, dir string, open Open, o Options) *harness {
	t.Helper()
	h := &harness{T: t, open: open, corrupt: o.Corrupt}
	h.env = journal.Env{
		DataDir: dir, Log: slog.New(slog.DiscardHandler), Retention: journal.DefaultRetention, Committed: h.commits.record,
	}
	h.Journal = open(t, h.env)
	return h
}

// closeStore closes the store under test.
func (h *harness) closeStore() {
	h.Helper()
	if err := h.Close(); err != nil {
		h.Errorf("Close: %v", err)
	}
}

// reopen closes the store and opens it again.
func (h *harness) reopen() {
	h.Helper()
	h.closeStore()
	h.Journal = h.open(h.T, h.env)
}

// reopenWith is reopen with another retention.
func (h *harness) reopenWith(retention time.Duration) {
	h.Helper()
	h.env.Retention = retention
	h.reopen()
}

// equal checks that a value is as wanted.
func (h *harness) equal(what string, got, want any) {
	h.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		h.Fatalf("%s (-want +got):\n%s", what, diff)
	}
}

// wantErr checks that a call returned the error; nil means none.
func (h *harness) wantErr(call string, got, want error) {
	h.Helper()
	if !errors.Is(got, want) {
		h.Fatalf("%s returns error %v, want %v", call, got, want)
	}
}

// check reports that a call failed and lets the test go on, so any goroutine may call it.
func (h *harness) check(call string, err error) {
	h.Helper()
	if err != nil {
		h.Errorf("%s: %v", call, err)
	}
}
