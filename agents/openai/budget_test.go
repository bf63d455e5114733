package openai_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/agents/agenttest"
	"github.com/manyvox/manyvox/agents/openai"
)

// TestBudget ends with the sentence when a sender's budget of the day is used up.
func TestBudget(t *testing.T) {
	t.Parallel()
	uncounted := raw("text/event-stream", "data: "+text(strings.Repeat("x", 36))+"\n\ndata: [DONE]\n\n")
	for _, c := range []struct {
		name   string
		budget openai.Budget
		answer http.HandlerFunc
		// asked is how many of 5 messages the model is asked about.
		asked int
	}{
		{"none", openai.Budget{}, says("x"), 5},
		{"messages", openai.Budget{Messages: 3}, says("x"), 3},
		{"tokens", openai.Budget{Tokens: 37}, says("x"), 3}, // each costs 18
		{"tokens just reached", openai.Budget{Tokens: 36}, says("x"), 2},
		{"tokens that nobody counts", openai.Budget{Tokens: 19}, uncounted, 3}, // each costs about 9
		{"whichever comes first", openai.Budget{Messages: 1, Tokens: 1000}, says("x"), 1},
		{"failures that the model saw", openai.Budget{Messages: 2}, fails(500, ""), 2},
		{"failures that it did not see", openai.Budget{Messages: 2}, fails(402, ""), 5},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f, rec := &fake{answer: c.answer}, &agenttest.Recorder{}
				h := onPipes(t, serve(t, f), func(conf *openai.Config) {
					c.budget.Reply = "Enough."
					conf.Budget = c.budget
				})
				for range 5 {
					_ = h.ask(t, rec) // a failure counts as it does
				}
				if got := len(f.seen()); got != c.asked {
					t.Errorf("the model was asked %d times, want %d", got, c.asked)
				}
				if got := strings.Count(strings.Join(rec.Texts(), " "), "Enough."); got != 5-c.asked {
					t.Errorf("%d times enough: %q", got, rec.Texts())
				}
			})
		})
	}
}

// TestBudgetDays keeps senders apart, and days.
func TestBudgetDays(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { // begins at midnight, in UTC
		h := onPipes(t, serve(t, &fake{answer: says("x")}), func(c *openai.Config) { c.Budget.Messages, c.Budget.Reply = 1, "Enough." })
		ask := func(channel, sender, text string) string {
			turn, rec := agenttest.Turn(sender, text), &agenttest.Recorder{}
			turn.Message.Channel = channel
			if err := h.answer(t, turn, rec); err != nil {
				t.Fatal(err)
			}
			return rec.Texts()[0]
		}
		got := []string{ask("a", "ann", "hi"), ask("a", "ann", "hi"), ask("a", "bob", "hi"), ask("b", "ann", "hi"), ask("a", "ann", "/new")}
		time.Sleep(24*time.Hour - time.Second)
		got = append(got, ask("a", "ann", "hi"))
		time.Sleep(time.Second)
		got = append(got, ask("a", "ann", "hi"), ask("a", "ann", "hi"))
		want := []string{"x", "Enough.", "x", "x", "Let us start afresh.", "Enough.", "x", "Enough."}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	})
}

// TestBudgetKept keeps the spendings of those seen last, and of no more than twice as many.
func TestBudgetKept(t *testing.T) {
	t.Parallel()
	var senders []string
	for i := range 100 {
		senders = append(senders, fmt.Sprint(i))
	}
	if got := openai.Spend(openai.Budget{Messages: 1}, 100, senders...); got != 100 {
		t.Errorf("%d of 100 senders are known, of 100 that are kept", got)
	}
	if got := openai.Spend(openai.Budget{Messages: 1}, 10, senders...); got < 10 || got > 20 {
		t.Errorf("%d of 100 senders are known, of 10 to 20 that are kept", got)
	}
}
