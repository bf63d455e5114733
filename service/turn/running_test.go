package turn_test

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
)

// overlapping notes what runs and when, and what runs beside it. The turn "one" goes on
// until its ctx ends.
type overlapping struct {
	mu     sync.Mutex
	active int
	most   int
	notes  []string
	// says makes "one" reply once a minute.
	says bool
}

func (o *overlapping) note(text string, change int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.active += change
	o.most = max(o.most, o.active)
	o.notes = append(o.notes, text)
}

func (o *overlapping) Answer(ctx context.Context, t agents.Turn, r channels.Replier) error {
	o.note(t.Message.Text+" begins", 1)
	defer func() { o.note(t.Message.Text+" ends", -1) }()
	if t.Message.Text != "one" {
		return say(ctx, r, "re "+t.Message.Text)
	}
	for {
		select {
		case <-time.After(time.Minute):
			if !o.says {
				continue
			}
			if err := say(ctx, r, "more"); err != nil {
				return err
			}
		case <-ctx.Done():
			time.Sleep(time.Second) // it takes a while to see it
			return ctx.Err()
		}
	}
}

// A conversation that is deleted while its turn runs has no two turns at once: the turn
// ends, and shows nothing, before the next begins.
func TestRunningTurnOfADeletedConversation(t *testing.T) {
	t.Parallel()
	ann := channels.Conversation{Channel: "chat", Sender: "ann"}
	for name, next := range map[string]func(*testing.T, *harness){
		"a message is stored": func(t *testing.T, h *harness) { h.post(t, "ann", "two") },
		"a caller asks": func(t *testing.T, h *harness) {
			if err := h.ask(t.Context(), "two"); err != nil {
				t.Error(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				a := &overlapping{}
				h := newHarness(t, a, func(s *settings) { s.AgentTimeout = time.Hour })
				h.post(t, "ann", "one")
				if _, err := h.journal.Forget(t.Context(), ann); err != nil {
					t.Fatal(err)
				}
				next(t, h)
				advance(2 * time.Second)
				if diff := cmp.Diff([]string{"one begins", "one ends", "two begins", "two ends"}, a.notes); diff != "" || a.most != 1 {
					t.Errorf("%d at once (-want +got):\n%s", a.most, diff)
				}
				if diff := cmp.Diff([]string{"message two", "reply re two"}, h.events(t, "ann")); diff != "" {
					t.Errorf("events (-want +got):\n%s", diff)
				}
				if lines := h.log.lines(t, slog.LevelError); lines != nil || h.dead(t) != nil {
					t.Errorf("errors in the log %q, dead letters %v", lines, h.dead(t))
				}
			})
		})
	}
}

// Without a next turn it ends with its next commit.
func TestRunningTurnIsFenced(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := &overlapping{says: true}
		h := newHarness(t, a, func(s *settings) { s.AgentTimeout = time.Hour })
		h.post(t, "ann", "one")
		advance(90 * time.Second)
		if diff := cmp.Diff([]string{"message one", "reply more"}, h.events(t, "ann")); diff != "" {
			t.Errorf("before (-want +got):\n%s", diff)
		}
		if _, err := h.journal.Forget(t.Context(), channels.Conversation{Channel: "chat", Sender: "ann"}); err != nil {
			t.Fatal(err)
		}
		advance(32 * time.Second)
		if diff := cmp.Diff([]string{"one begins", "one ends"}, a.notes); diff != "" || h.events(t, "ann") != nil {
			t.Errorf("events %q (-want +got):\n%s", h.events(t, "ann"), diff)
		}
	})
}
