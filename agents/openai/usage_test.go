package openai_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/agents/agenttest"
	"github.com/manyvox/manyvox/agents/openai"
)

// meter keeps what turns cost.
type meter struct{ costs []agents.Tokens }

func (m *meter) Spend(cost agents.Tokens) { m.costs = append(m.costs, cost) }

// TestUsage counts what servers tell: at the end, with each piece as the sum so far, or never.
func TestUsage(t *testing.T) {
	t.Parallel()
	growing := func(tokens string) string {
		return `{"choices":[{"delta":{"content":"x"}}],"usage":{"prompt_tokens":5,"completion_tokens":` + tokens + `}}`
	}
	f := &fake{answer: inOrder(
		says("x"),
		func(w http.ResponseWriter, _ *http.Request) { begin(w); send(w, growing("1"), growing("2"), "[DONE]") },
		raw("text/event-stream", "data: "+text("x")+"\n\ndata: [DONE]\n\n"),
		ends("length", "x"),
		fails(500, `{"usage":{"prompt_tokens":99}}`),
		breaksOff("x"),
	)}
	h := onLoopback(t, f)
	turn, spent := agenttest.Turn("ann", "hi"), &meter{}
	turn.Meter = spent
	for range 6 {
		_ = h.answer(t, turn, &agenttest.Recorder{}) // the costs count, however it ends
	}
	if want := []agents.Tokens{{Prompt: 11, Completion: 7}, {Prompt: 5, Completion: 2}, {Prompt: 11, Completion: 7}}; !slices.Equal(want, spent.costs) {
		t.Errorf("the service is told of %+v, want %+v", spent.costs, want)
	}
	if got, want := h.agent.Usage(), (openai.Usage{Prompt: 11 + 5 + 11, Completion: 7 + 2 + 7}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	const want = `"agent openai: tokens used" channel=rest prompt_tokens=5 completion_tokens=2 total_prompt_tokens=16 total_completion_tokens=9`
	if log := h.log.String(); !strings.Contains(log, want) || strings.Count(log, "tokens used") != 3 {
		t.Errorf("log:\n%s", log)
	}
}
