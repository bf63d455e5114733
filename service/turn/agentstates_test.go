package turn_test

import (
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/service/instance"
	"github.com/manyvox/manyvox/service/turn"
)

// AgentStates tells of each agent what it is doing, and the end of its breaker.
func TestAgentStates(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		first := turn.Agent{Agent: &downAgent{down: true}, AgentOptions: turn.AgentOptions{AgentType: "rasa"}}
		second := turn.Agent{Agent: hangs(), AgentOptions: turn.AgentOptions{AgentType: "openai", Concurrency: 2}}
		h := newHarness(t, nil, two(first, second))
		for i := range 5 {
			_, _ = h.askAs(t.Context(), false, message("a", "ann", fmt.Sprint(i)))
		}
		var wg sync.WaitGroup
		for i := range 3 {
			wg.Go(func() { _, _ = h.askAs(t.Context(), false, message("b", fmt.Sprint("bob ", i), "hi")) })
		}
		synctest.Wait()
		got := h.AgentStates()
		if len(got) != 2 || got[0].Breaker == nil {
			t.Fatalf("%+v", got)
		}
		if b := got[0].Breaker; b.State != instance.HoldOpen || b.Agent != "a" || !b.Until.After(time.Now()) {
			t.Errorf("the breaker is %+v", b)
		}
		got[0].Breaker = nil
		want := []instance.AgentState{{Name: "a", Type: "rasa"}, {Name: "b", Type: "openai", InFlight: 2, Concurrency: 2}}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		wg.Wait()
		if got := h.AgentStates(); got[1].InFlight != 0 {
			t.Errorf("at the end: %+v", got[1])
		}
	})
}
