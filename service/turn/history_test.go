package turn_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
)

// An id that is used again after its window names another message: the history has the
// earlier turn. A repeat within the window is the same message.
func TestHistoryOfAnIDThatIsUsedAgain(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		after time.Duration
		fails bool // the first turn
		want  []string
	}{
		"after the window":             {50 * time.Hour, false, []string{"message hi", "reply re", "message hi", "reply re"}},
		"after the window of a failed": {50 * time.Hour, true, []string{"message hi", "message hi", "reply re"}},
		"within the window":            {time.Hour, true, []string{"message hi", "reply re"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				turns, got := 0, []string(nil)
				h := newHarness(t, agents.Func(func(ctx context.Context, turn agents.Turn, r channels.Replier) error {
					if turns++; c.fails && turns == 1 {
						return agents.NotReached(channels.Errorf(channels.CodeAgentFailed, "no"))
					}
					if err := say(ctx, r, "re"); err != nil {
						return err
					}
					time.Sleep(time.Second) // the reply is committed
					events, err := turn.History(ctx, 4)
					got = inShort(events)
					return err
				}))
				_, _ = h.askOnce(t.Context(), "ann", "m1")
				if _, err := h.askOnce(t.Context(), "ann", "between"); err != nil {
					t.Fatal(err)
				}
				advance(c.after)
				if _, err := h.askOnce(t.Context(), "ann", "m1"); err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(c.want, got); diff != "" {
					t.Errorf("history (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// inShort returns each event as its kind and its texts.
func inShort(es []channels.Event) (list []string) {
	for _, e := range es {
		words := string(e.Kind)
		if e.Message != nil {
			words += " " + e.Message.Text
		}
		for _, r := range e.Replies {
			words += " " + r.Text
		}
		list = append(list, words)
	}
	return list
}
