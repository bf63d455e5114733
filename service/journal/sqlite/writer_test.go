package sqlite_test

import (
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/journaltest"
	"github.com/manyvox/manyvox/service/journal/sqlite"
)

// large does not fit into the pages that are in use.
var large = strings.Repeat("x", 1<<20)

func entryOf(sender, id, text string) journal.Entry {
	return journal.Entry{
		Message: channels.Message{Channel: "web", Sender: sender, ID: id, Text: text}, Window: time.Hour,
	}
}

func put(t *testing.T, s *sqlite.Store, e journal.Entry) {
	t.Helper()
	if fresh, err := s.Enqueue(t.Context(), e); err != nil || !fresh[0] {
		t.Fatalf("Enqueue says %v, error %v", fresh, err)
	}
}

// next returns the first attempt of a message.
func next(t *testing.T, s *sqlite.Store, id string) journal.Turn {
	t.Helper()
	turn, err := s.Next(t.Context())
	if err != nil || turn.Message.ID != id || turn.Attempt != 1 {
		t.Fatalf("Next returns attempt %d of message %q, error %v; want the first of %q",
			turn.Attempt, turn.Message.ID, err, id)
	}
	return turn
}

func depth(t *testing.T, s *sqlite.Store, want journal.Depth) {
	t.Helper()
	got, err := s.Depth(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	got.Free = 0 // the disk's
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("depth (-want +got):\n%s", diff)
	}
}

func ended(o journal.Outcome) *journal.End { return &journal.End{Outcome: o} }

// When the disk takes nothing, calls that store something fail, nothing is half done, no
// caller that waits is lost, and all works again once the disk does.
func TestFailingDisk(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ fail, mend string }{
		"full":      {"PRAGMA max_page_count = 1", "PRAGMA max_page_count = 1000000"}, // no less than what is in use
		"read-only": {"PRAGMA query_only = 1", "PRAGMA query_only = 0"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				s := mustOpen(t, dir)
				put(t, s, entryOf("ann", "1", "small"))
				claim := next(t, s, "1").Claim
				turns := make(chan journal.Turn)
				go func() { turns <- next(t, s, "2") }()
				synctest.Wait()

				pragma(t, s, c.fail)
				step := journal.Step{Parts: []channels.Part{{ID: "p", Channel: "web", Sender: "ann", Reply: channels.Reply{Text: large}}}}
				for range 3 {
					fails(t, s, claim, step)
				}
				depth(t, s, journal.Depth{Inbox: 1})
				lock, err := s.Acquire(t.Context(), channels.Conversation{Channel: "web", Sender: "bob"}, 0)
				if err != nil {
					t.Fatalf("Acquire: %v", err)
				}
				lock.Release()

				pragma(t, s, c.mend)
				put(t, s, entryOf("bob", "2", large))
				bob := <-turns
				step.End = ended(journal.OutcomeDone)
				for _, c := range []journal.Claim{claim, bob.Claim} {
					if err := s.Settle(t.Context(), c, step); err != nil {
						t.Errorf("Settle: %v", err)
					}
				}
				mustClose(t, s)
				s = mustOpen(t, dir)
				depth(t, s, journal.Depth{Outbox: 2})
				mustClose(t, s)
			})
		})
	}
}

func pragma(t *testing.T, s *sqlite.Store, statement string) {
	t.Helper()
	if err := s.Exec(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}

// fails stores what the disk does not take.
func fails(t *testing.T, s *sqlite.Store, claim journal.Claim, step journal.Step) {
	t.Helper()
	_, err := s.Enqueue(t.Context(), entryOf("bob", "1", large), entryOf("bob", "2", large))
	for call, err := range map[string]error{"Enqueue": err, "Settle": s.Settle(t.Context(), claim, step)} {
		if err == nil || errors.Is(err, journal.ErrFenced) || !strings.HasPrefix(err.Error(), "journal sqlite: ") {
			t.Errorf("%s returns error %v, want one of the disk", call, err)
		}
	}
}

// A claim that can't be stored is given out again, its attempt not counted.
func TestFailingClaim(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		s := mustOpen(t, dir)
		defer mustClose(t, s)
		put(t, s, entryOf("ann", "1", "small"))
		pragma(t, s, "PRAGMA query_only = 1")
		if turn, err := s.Next(t.Context()); err == nil {
			t.Errorf("Next returns %+v, want an error", turn)
		}
		pragma(t, s, "PRAGMA query_only = 0")
		next(t, s, "1")
	})
}

// together runs the calls in one transaction, in order, and returns their errors.
func together(s *sqlite.Store, calls ...func() error) []error {
	release := make(chan struct{})
	errs := make([]error, len(calls))
	var left atomic.Int32
	left.Store(int32(len(calls)))
	all := make(chan struct{})
	go s.Busy(release)
	synctest.Wait()
	for i, call := range calls {
		go func() {
			errs[i] = call()
			if left.Add(-1) == 0 {
				close(all)
			}
		}()
		synctest.Wait()
	}
	close(release)
	<-all
	return errs
}

func TestOneThatFailsTakesNoOther(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		s := mustOpen(t, dir)
		defer mustClose(t, s)
		enqueue := func(sender, text string) func() error {
			return func() error {
				_, err := s.Enqueue(t.Context(), entryOf(sender, "1", text))
				return err
			}
		}
		pragma(t, s, "PRAGMA max_page_count = 40")
		errs := together(s, enqueue("ann", "small"), enqueue("bob", large), enqueue("eve", "small"))
		if errs[0] != nil || errs[1] == nil || errs[2] != nil {
			t.Errorf("errors %v, want the second alone to fail", errs)
		}
		depth(t, s, journal.Depth{Inbox: 2})
	})
}

// A claim can be settled once, also by calls that share a transaction.
func TestSettledTogether(t *testing.T) {
	t.Parallel()
	for name, settle := range map[string]func(*testing.T, *sqlite.Store) func() error{
		"turn": func(t *testing.T, s *sqlite.Store) func() error {
			claim := next(t, s, "1").Claim
			return func() error {
				return s.Settle(t.Context(), claim, journal.Step{
					Parts: []channels.Part{{ID: "p", Channel: "web", Sender: "ann"}}, End: ended(journal.OutcomeRetry),
				})
			}
		},
		"part": func(t *testing.T, s *sqlite.Store) func() error {
			step := journal.Step{Parts: []channels.Part{{ID: "p", Channel: "web", Sender: "ann"}}}
			if err := s.Settle(t.Context(), next(t, s, "1").Claim, step); err != nil {
				t.Fatal(err)
			}
			s.OpenOutbox(journaltest.Slots("web"))
			d, err := s.NextPart(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			return func() error { return s.SettlePart(t.Context(), d.Claim, journal.PartOutcome{Counts: true}) }
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				s := mustOpen(t, dir)
				defer mustClose(t, s)
				put(t, s, entryOf("ann", "1", ""))
				call := settle(t, s)
				errs := together(s, call, call, call)
				if count(errs, nil) != 1 || count(errs, journal.ErrFenced) != 2 {
					t.Errorf("errors %v, want one call to succeed and two to be fenced", errs)
				}
				depth(t, s, journal.Depth{Inbox: 1, Outbox: 1})
			})
		})
	}
}

// count returns how many of the errors are want.
func count(errs []error, want error) int {
	n := 0
	for _, err := range errs {
		if errors.Is(err, want) {
			n++
		}
	}
	return n
}
