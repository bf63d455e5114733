package sqlite_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/journaltest"
	"github.com/manyvox/manyvox/service/journal/sqlite"
)

var ann = channels.Conversation{Channel: "web", Sender: "ann"}

// harness is a store, with the calls that a test has share a transaction.
type harness struct {
	*testing.T
	*sqlite.Store
}

func (s harness) forget() error {
	_, err := s.Forget(s.Context(), ann)
	return err
}

func (s harness) enqueue(id string) func() error {
	return func() error {
		_, err := s.Enqueue(s.Context(), entryOf("ann", id, "text"))
		return err
	}
}

// settle settles with a part and an event.
func (s harness) settle(c journal.Claim, end *journal.End) func() error {
	return func() error {
		return s.Settle(s.Context(), c, journal.Step{
			Parts:  []channels.Part{{Channel: "web", Sender: "ann", ID: "p"}},
			Events: []channels.Event{{Kind: channels.EventReply, Channel: "web", Sender: "ann", MessageID: "1"}},
			End:    end,
		})
	}
}

// startNext starts a call of Next and returns what it will return.
func (s harness) startNext() <-chan journal.Turn {
	turns := make(chan journal.Turn, 1)
	go func() {
		turn, err := s.Next(s.Context())
		if err != nil {
			s.Errorf("Next: %v", err)
		}
		turns <- turn
	}()
	synctest.Wait()
	return turns
}

func (s harness) expect(what string, got, want any) {
	s.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		s.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// The schedulers and the file agree on what Forget deletes, wherever it stands in a
// transaction.
func TestForgetTogether(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]func(s harness) (left journal.Depth){
		"between two messages": func(s harness) journal.Depth {
			s.expect("errors", together(s.Store, s.enqueue("1"), s.forget, s.enqueue("2")), make([]error, 3))
			next(s.T, s.Store, "2")
			return journal.Depth{Inbox: 1}
		},
		"between two steps": func(s harness) journal.Depth {
			put(s.T, s.Store, entryOf("ann", "1", "text"))
			c := next(s.T, s.Store, "1").Claim
			errs := together(s.Store, s.settle(c, nil), s.forget, s.settle(c, nil), s.settle(c, ended(journal.OutcomeDone)))
			s.expect("fenced", count(errs, journal.ErrFenced), 2)
			s.expect("errors", errs[:2], make([]error, 2))
			return journal.Depth{}
		},
		"after a retry that a consumer waits for": func(s harness) journal.Depth {
			put(s.T, s.Store, entryOf("ann", "1", "text"))
			c := next(s.T, s.Store, "1").Claim
			turns := s.startNext()
			s.expect("errors", together(s.Store, s.settle(c, ended(journal.OutcomeRetry)), s.forget), make([]error, 2))
			put(s.T, s.Store, entryOf("ann", "2", "text"))
			s.expect("message", (<-turns).Message.ID, "2")
			return journal.Depth{Inbox: 1}
		},
		"after a message that a consumer waits for": func(s harness) journal.Depth {
			turns := s.startNext()
			s.expect("errors", together(s.Store, s.enqueue("1"), s.forget), make([]error, 2))
			if err := s.settle((<-turns).Claim, nil)(); !errors.Is(err, journal.ErrFenced) {
				s.Errorf("Settle returns %v", err)
			}
			put(s.T, s.Store, entryOf("ann", "2", "text"))
			next(s.T, s.Store, "2")
			return journal.Depth{Inbox: 1}
		},
		"before a claim": func(s harness) journal.Depth {
			put(s.T, s.Store, entryOf("ann", "1", "text"))
			var turn journal.Turn
			got := make(chan struct{})
			together(s.Store, s.forget, func() error {
				go func() {
					defer close(got)
					turn, _ = s.Next(s.Context())
				}()
				return nil
			})
			put(s.T, s.Store, entryOf("ann", "2", "text"))
			<-got
			s.expect("message", turn.Message.ID, "2")
			return journal.Depth{Inbox: 1}
		},
		"before the end of a part": func(s harness) journal.Depth {
			s.OpenOutbox(journaltest.Slots("web"))
			put(s.T, s.Store, entryOf("ann", "1", "text"))
			if err := s.settle(next(s.T, s.Store, "1").Claim, ended(journal.OutcomeDone))(); err != nil {
				s.Fatal(err)
			}
			d, err := s.NextPart(s.Context())
			if err != nil {
				s.Fatal(err)
			}
			errs := together(s.Store, s.forget, func() error {
				return s.SettlePart(s.Context(), d.Claim, journal.PartOutcome{Dead: true})
			})
			s.expect("fenced", count(errs, journal.ErrFenced), 1)
			return journal.Depth{}
		},
		"after a replay": func(s harness) journal.Depth {
			put(s.T, s.Store, entryOf("ann", "1", "text"))
			if err := s.settle(next(s.T, s.Store, "1").Claim, ended(journal.OutcomeFailed))(); err != nil {
				s.Fatal(err)
			}
			list, err := s.DeadLetters(s.Context(), "", 0, 9)
			if err != nil || len(list) != 1 {
				s.Fatalf("dead letters %v, error %v", list, err)
			}
			replay := func() error {
				_, err := s.Replay(s.Context(), list[0].ID)
				return err
			}
			s.expect("errors", together(s.Store, replay, s.forget, replay), make([]error, 3))
			return journal.Depth{}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				s := mustOpen(t, dir)
				left := test(harness{t, s})
				depth(t, s, left)
				mustClose(t, s)
				s = mustOpen(t, dir)
				defer mustClose(t, s)
				depth(t, s, left)
			})
		})
	}
}

// The turn of an asked message goes on after Forget; the replies that it gave before are
// forgotten.
func TestForgetWhileAsked(t *testing.T) {
	t.Parallel()
	s := mustOpen(t, t.TempDir())
	defer mustClose(t, s)
	a := ask(t, s, "1")
	for _, text := range []string{"a", "b"} {
		step := journal.Step{Shown: true, Events: []channels.Event{{
			Kind: channels.EventReply, Channel: "web", Sender: "ann", MessageID: "1", Time: time.Now(),
			Replies: []channels.Reply{{Text: text}},
		}}}
		if err := s.SettleAsk(t.Context(), a, step); err != nil {
			t.Fatal(err)
		}
		if text == "a" {
			if err := (harness{t, s}).forget(); err != nil {
				t.Fatal(err)
			}
		}
	}
	known, err := s.Recall(t.Context(), a.Key)
	want := &journal.Known{
		Digest: []byte("digest"), State: journal.StateRunning, Replies: [][]channels.Reply{{{Text: "b"}}}, Forgotten: true,
	}
	if diff := cmp.Diff(want, known); diff != "" || err != nil {
		t.Errorf("known (-want +got), error %v:\n%s", err, diff)
	}
}
