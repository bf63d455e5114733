package memory_test

import (
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/memory"
)

// Each call that changes a row is reported once, also the claim of Next; what changes
// nothing is not.
func TestCommitIsReported(t *testing.T) {
	t.Parallel()
	committed := 0
	env := journal.Env{Log: slog.New(slog.DiscardHandler), Retention: time.Hour, Committed: func(err error) {
		if committed++; err != nil {
			t.Errorf("error %v is reported", err)
		}
	}}
	s, err := memory.Type().New().Open(t.Context(), env)
	if err != nil {
		t.Fatal(err)
	}
	reported := func(what string, want int) {
		t.Helper()
		if committed != want {
			t.Errorf("%s: %d transactions are reported, want %d", what, committed, want)
		}
		committed = 0
	}
	ann := channels.Conversation{Channel: "web", Sender: "ann"}
	e := journal.Entry{Message: channels.Message{Channel: "web", Sender: "ann", ID: "1"}, Window: time.Hour}
	if _, err := s.Enqueue(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	reported("Enqueue", 1)
	turn, err := s.Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	reported("Next", 1)
	done := journal.Step{End: &journal.End{Outcome: journal.OutcomeDone}}
	if err := s.Settle(t.Context(), turn.Claim, done); err != nil {
		t.Fatal(err)
	}
	reported("Settle", 1)
	if err := s.Settle(t.Context(), turn.Claim, done); !errors.Is(err, journal.ErrFenced) {
		t.Errorf("Settle returns %v, want ErrFenced", err)
	}
	if _, err := s.History(t.Context(), ann, 9); err != nil {
		t.Error(err)
	}
	if _, err := s.Depth(t.Context()); err != nil {
		t.Error(err)
	}
	reported("a lost claim and reads", 0)
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if _, err := s.Forget(t.Context(), ann); !errors.Is(err, journal.ErrClosed) {
		t.Errorf("Forget returns %v, want ErrClosed", err)
	}
	reported("a closed store", 0)
}
