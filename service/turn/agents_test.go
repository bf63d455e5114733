package turn_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/turn"
)

// two has two agents: what comes by the input channel "b" is for the second.
func two(a, b turn.Agent) func(*settings) {
	a.AgentName, b.AgentName = "a", "b"
	return func(s *settings) {
		s.Agents = turn.Agents{List: []turn.Agent{a, b}, Router: agents.Router{
			Routes: []agents.Route{{InputChannel: "b", Agent: "b"}}, Default: "a",
		}}
	}
}

// says answers with its name and the text.
func says(name string) agents.Agent {
	return agents.Func(func(ctx context.Context, t agents.Turn, r channels.Replier) error {
		return say(ctx, r, fmt.Sprint(name, " ", t.Attempt, " ", t.Message.Text))
	})
}

// hangs answers nobody before its turn ends.
func hangs() agents.Agent {
	return agents.Func(func(ctx context.Context, _ agents.Turn, _ channels.Replier) error {
		<-ctx.Done()
		return ctx.Err()
	})
}

// message is one of a sender for the agent of an input channel.
func message(inputChannel, sender, text string) channels.Message {
	return channels.Message{
		Channel: "chat", InputChannel: inputChannel, Sender: sender, ID: sender + text, Text: text, Received: time.Now(),
	}
}

// askAs asks in a manner, and returns what was shown.
func (h *harness) askAs(ctx context.Context, once bool, m channels.Message) ([]string, error) {
	var c channels.Collector
	var err error
	if once {
		err = h.AskOnce(ctx, h.in, &m, m.Text, &c)
	} else {
		err = h.Ask(ctx, h.in, &m, &c)
	}
	return textsOf(c.Replies), err
}

// postMessage stores a message.
func (h *harness) postMessage(t *testing.T, m channels.Message) {
	t.Helper()
	if _, err := h.journal.Enqueue(t.Context(), journal.Entry{Message: m, Window: time.Hour}); err != nil {
		t.Fatal(err)
	}
}

// replies are the texts that a sender was given.
func (h *harness) replies(t *testing.T, sender string) (texts []string) {
	t.Helper()
	for _, e := range h.events(t, sender) {
		if text, ok := strings.CutPrefix(e, "reply "); ok {
			texts = append(texts, text)
		}
	}
	return texts
}

// With one of two agents hanging, and more of its messages waiting than there are workers, the
// other's have their turns at once.
func TestAgentThatHangsCostsTheOtherNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, nil, two(turn.Agent{Agent: hangs()}, turn.Agent{Agent: says("b")}), func(s *settings) { s.turns, s.asks = 4, 20 })
		var wg sync.WaitGroup
		for i := range 40 {
			h.postMessage(t, message("a", fmt.Sprint("stuck ", i), "hi"))
			wg.Go(func() { _, _ = h.askAs(t.Context(), i%2 == 0, message("a", fmt.Sprint("waits ", i), "hi")) })
		}
		synctest.Wait()
		began := time.Now()
		for i := range 40 {
			sender := fmt.Sprint("ann ", i)
			h.postMessage(t, message("b", sender, "one"))
			synctest.Wait()
			if diff := cmp.Diff([]string{"b 1 one"}, h.replies(t, sender)); diff != "" {
				t.Fatalf("%s (-want +got):\n%s", sender, diff)
			}
			for _, once := range []bool{false, true} {
				text := fmt.Sprint("two ", once)
				got, err := h.askAs(t.Context(), once, message("b", sender, text))
				if diff := cmp.Diff([]string{"b 1 " + text}, got); diff != "" || err != nil {
					t.Fatalf("%s: %v (-want +got):\n%s", sender, err, diff)
				}
			}
		}
		if took := time.Since(began); took != 0 {
			t.Errorf("the other agent's turns took %v", took)
		}
		wg.Wait()
	})
}

// An agent that is down for 30 minutes costs no stored message; those of the other agent are
// answered meanwhile.
func TestOneOfTwoAgentsDownFor30Minutes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		down := &downAgent{down: true}
		h := newHarness(t, nil, two(turn.Agent{Agent: down}, turn.Agent{Agent: says("b")}))
		const senders = 50
		for i := range senders {
			for _, text := range []string{"one", "two"} {
				h.postMessage(t, message("a", fmt.Sprint("ann ", i), text))
			}
		}
		for i := range 30 {
			advance(time.Minute)
			sender := fmt.Sprint("bob ", i)
			h.postMessage(t, message("b", sender, "hi"))
			synctest.Wait()
			if diff := cmp.Diff([]string{"b 1 hi"}, h.replies(t, sender)); diff != "" {
				t.Errorf("after %d min (-want +got):\n%s", i, diff)
			}
			if holds := h.Holds(); len(holds) != 1 || holds[0].Agent != "a" {
				t.Errorf("after %d min: holds %+v", i, holds)
			}
		}
		down.set(false)
		advance(2 * time.Minute)
		for i := range senders {
			if diff := cmp.Diff([]string{"re one", "re two"}, h.replies(t, fmt.Sprint("ann ", i))); diff != "" {
				t.Errorf("ann %d (-want +got):\n%s", i, diff)
			}
		}
		if dead := h.dead(t); dead != nil || h.Holds() != nil {
			t.Errorf("dead letters %v, holds %+v", dead, h.Holds())
		}
	})
}

// The fallback answers while the breaker is open, also the message that was the probe, and
// whoever is reached again answers.
func TestFallback(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		down := &downAgent{down: true}
		primary := turn.Agent{Agent: down, AgentOptions: turn.AgentOptions{Fallback: "b"}}
		h := newHarness(t, nil, two(primary, turn.Agent{Agent: says("b")}))
		for i := range 4 { // the breaker is closed
			if _, err := h.askAs(t.Context(), false, message("a", "ann", fmt.Sprint(i))); !agents.IsNotReached(err) {
				t.Fatalf("message %d: %v", i, err)
			}
		}
		for i := range 3 {
			for _, once := range []bool{false, true} {
				text := fmt.Sprint(i, once)
				got, err := h.askAs(t.Context(), once, message("a", "ann", text))
				if diff := cmp.Diff([]string{"b 1 " + text}, got); diff != "" || err != nil {
					t.Errorf("%s: %v (-want +got):\n%s", text, err, diff)
				}
			}
			sender := fmt.Sprint("bob ", i)
			h.postMessage(t, message("a", sender, "hi"))
			synctest.Wait()
			if diff := cmp.Diff([]string{"b 1 hi"}, h.replies(t, sender)); diff != "" {
				t.Errorf("stored (-want +got):\n%s", diff)
			}
			advance(2 * time.Minute) // the next is a probe
			h.postMessage(t, message("a", sender, "probe"))
			synctest.Wait()
			if diff := cmp.Diff([]string{"b 1 hi", "b 1 probe"}, h.replies(t, sender)); diff != "" {
				t.Errorf("stored probe (-want +got):\n%s", diff)
			}
			advance(2 * time.Minute)
		}
		down.set(false)
		got, err := h.askAs(t.Context(), false, message("a", "ann", "back"))
		if diff := cmp.Diff([]string{"re back"}, got); diff != "" || err != nil || h.Holds() != nil {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
		if dead := h.dead(t); dead != nil {
			t.Errorf("dead letters %v", dead)
		}
	})
}

// A fallback's strictness holds too: after a crash nobody knows who had the message.
func TestFallbackThatMayNotRepeat(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fails := agents.Func(func(context.Context, agents.Turn, channels.Replier) error {
			return channels.Errorf(channels.CodeAgentFailed, "no")
		})
		primary := turn.Agent{Agent: fails, AgentOptions: turn.AgentOptions{Fallback: "b"}}
		fallback := turn.Agent{Agent: says("b"), AgentOptions: turn.AgentOptions{Repeat: agents.RepeatNever}}
		h := newHarness(t, nil, two(primary, fallback))
		h.postMessage(t, message("a", "ann", "hi"))
		advance(time.Hour)
		if diff := cmp.Diff([]string{"interrupted annhi"}, h.dead(t)); diff != "" {
			t.Errorf("dead letters (-want +got):\n%s", diff)
		}
	})
}

// No more turns of an agent run at once than its concurrency, in whatever manner they come;
// each has its turn.
func TestConcurrency(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		running, most := 0, 0
		slow := agents.Func(func(ctx context.Context, t agents.Turn, r channels.Replier) error {
			mu.Lock()
			running++
			most = max(most, running)
			mu.Unlock()
			time.Sleep(time.Second)
			mu.Lock()
			running--
			mu.Unlock()
			return say(ctx, r, t.Message.Text)
		})
		h := newHarness(t, slow, func(s *settings) { s.AgentName, s.Concurrency = "slow", 3 })
		var wg sync.WaitGroup
		for i := range 10 {
			h.postMessage(t, message("a", fmt.Sprint("ann ", i), "stored"))
			for _, once := range []bool{false, true} {
				wg.Go(func() {
					if got, err := h.askAs(t.Context(), once, message("a", fmt.Sprint("bob ", i, once), "hi")); err != nil || len(got) != 1 {
						t.Errorf("%v, %v", got, err)
					}
				})
			}
		}
		wg.Wait()
		advance(time.Minute)
		for i := range 10 {
			if got := h.replies(t, fmt.Sprint("ann ", i)); len(got) != 1 {
				t.Errorf("ann %d: %v", i, got)
			}
		}
		if most != 3 {
			t.Errorf("%d turns ran at once, want 3", most)
		}
	})
}

// A reload keeps the breaker of an agent that goes on, and ends those that are gone.
func TestReplaceAgents(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		down := &downAgent{down: true}
		h := newHarness(t, nil, two(turn.Agent{Agent: down}, turn.Agent{Agent: says("b")}))
		for i := range 5 {
			_, _ = h.askAs(t.Context(), false, message("a", "ann", fmt.Sprint(i)))
		}
		gone := h.ReplaceAgents(turn.Agents{
			List: []turn.Agent{
				{AgentOptions: turn.AgentOptions{AgentName: "a"}, Kept: true},
				{Agent: says("c"), AgentOptions: turn.AgentOptions{AgentName: "c"}},
			},
			Router: agents.Router{Routes: []agents.Route{{InputChannel: "b", Agent: "c"}}, Default: "a"},
		})
		if len(gone) != 1 || gone[0].Name != "b" {
			t.Fatalf("gone: %+v", gone)
		}
		<-gone[0].Uses.Ended()
		if holds := h.Holds(); len(holds) != 1 || holds[0].Agent != "a" {
			t.Errorf("holds %+v", holds)
		}
		got, err := h.askAs(t.Context(), false, message("b", "ann", "hi"))
		if diff := cmp.Diff([]string{"c 1 hi"}, got); diff != "" || err != nil {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
		if !h.Resume("a") || h.Resume("b") || h.Holds() != nil {
			t.Errorf("after Resume: %+v", h.Holds())
		}
	})
}
