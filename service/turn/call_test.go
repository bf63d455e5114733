package turn_test

import (
	"context"
	"errors"
	"log/slog"
	"runtime"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/instance"
)

// deafAgent ignores its ctx for one text until it is woken, and then replies late.
type deafAgent struct {
	wake chan struct{}
	late chan error
}

func newDeafAgent() *deafAgent {
	return &deafAgent{wake: make(chan struct{}), late: make(chan error, 10)}
}

func (a *deafAgent) Answer(ctx context.Context, t agents.Turn, r channels.Replier) error {
	if t.Message.Text != "deaf" && t.Message.ID != "deaf" {
		return say(ctx, r, "re "+t.Message.ID)
	}
	<-a.wake
	a.late <- say(context.WithoutCancel(ctx), r, "late")
	return nil
}

// wakeUp lets the agent go on, and checks that nobody hears what it says.
func (a *deafAgent) wakeUp(t *testing.T) {
	t.Helper()
	close(a.wake)
	if err := <-a.late; err == nil {
		t.Error("a late reply is taken")
	}
	synctest.Wait()
}

// checkLeftBehind checks that one call is left behind and that the log says so once.
func (h *harness) checkLeftBehind(t *testing.T) {
	t.Helper()
	if n := h.LeftBehind(); n != 1 {
		t.Errorf("%d calls left behind", n)
	}
	if diff := cmp.Diff([]string{"agent call left behind: it ignores that its time is over"}, h.log.lines(t, slog.LevelError)); diff != "" {
		t.Errorf("errors in the log (-want +got):\n%s", diff)
	}
}

// A call that ignores its ctx is left behind after 5 s: the turn ends as one that reached
// the agent, and the conversation goes on. Its worker stays taken.
func TestCallOfAStoredMessageIsLeftBehind(t *testing.T) {
	t.Parallel()
	for name, turns := range map[string]int{"with another worker": 2, "with no other worker": 1} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				a := newDeafAgent()
				h := newHarness(t, a, withRepeat(agents.RepeatCrash), named, func(s *settings) { s.turns = turns })
				h.post(t, "ann", "deaf", "two")
				advance(2*time.Minute + 4*time.Second)
				if h.dead(t) != nil || h.LeftBehind() > 0 {
					t.Errorf("left behind too early")
				}
				advance(time.Second)
				if diff := cmp.Diff([]string{"interrupted deaf"}, h.dead(t)); diff != "" {
					t.Errorf("dead letters (-want +got):\n%s", diff)
				}
				h.checkLeftBehind(t)
				if answered := slices.Contains(h.events(t, "ann"), "reply re two"); answered != (turns > 1) {
					t.Errorf("the next message is answered: %v", answered)
				}
				a.wakeUp(t)
				if !slices.Contains(h.events(t, "ann"), "reply re two") || h.LeftBehind() != 0 {
					t.Errorf("%d left behind, events %q", h.LeftBehind(), h.events(t, "ann"))
				}
			})
		})
	}
}

// A caller is told, and its place stays taken until the call returns.
func TestCallOfACallerIsLeftBehind(t *testing.T) {
	t.Parallel()
	for name, ask := range map[string]func(*harness, context.Context, string) error{
		"without an id": func(h *harness, ctx context.Context, text string) error {
			if err := h.inFlight.Enter(); err != nil { // as the door does
				return err
			}
			defer h.inFlight.Leave()
			return h.ask(ctx, text)
		},
		"with an id": func(h *harness, ctx context.Context, id string) error {
			_, err := h.askOnce(ctx, "ann", id)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				a := newDeafAgent()
				h := newHarness(t, a, named, func(s *settings) { s.asks = 1 })
				began := time.Now()
				err := ask(h, t.Context(), "deaf")
				if e := channels.AsError(err); e.Code != channels.CodeDeadlineExceeded || time.Since(began) != 2*time.Minute+5*time.Second {
					t.Errorf("%v after %v", err, time.Since(began))
				}
				h.checkLeftBehind(t)
				if err := ask(h, t.Context(), "two"); !errors.Is(err, instance.ErrTooManyAsks) {
					t.Errorf("beside it: %v", err)
				}
				a.wakeUp(t)
				if err := ask(h, t.Context(), "two"); err != nil || h.LeftBehind() != 0 {
					t.Errorf("afterwards: %v, %d left behind", err, h.LeftBehind())
				}
			})
		})
	}
}

// Its place among the turns of its agent stays taken too, whoever waits for the outcome. Others
// wait for it as for any turn.
func TestPlaceOfACallThatIsLeftBehind(t *testing.T) {
	t.Parallel()
	for name, deaf := range map[string]func(*harness, *testing.T){
		"a stored message": func(h *harness, t *testing.T) { h.post(t, "ann", "deaf") },
		"a caller": func(h *harness, t *testing.T) {
			go func() { _, _ = h.askAs(t.Context(), false, message("", "ann", "deaf")) }()
		},
		"a caller with an id": func(h *harness, t *testing.T) {
			go func() { _, _ = h.askAs(t.Context(), true, message("", "ann", "deaf")) }()
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				a := newDeafAgent()
				h := newHarness(t, a, named, withRepeat(agents.RepeatCrash), func(s *settings) { s.Concurrency = 1 })
				deaf(h, t)
				advance(2*time.Minute + 5*time.Second)
				h.checkLeftBehind(t)
				if got := h.AgentStates(); len(got) != 1 || got[0].InFlight != 1 || got[0].Concurrency != 1 {
					t.Errorf("the agents are %+v", got)
				}
				h.postMessage(t, message("", "bob", "stored"))
				if _, err := h.askAs(t.Context(), false, message("", "cid", "hi")); channels.AsError(err).Reason != channels.ReasonAgentOverloaded {
					t.Errorf("beside it: %v", err)
				}
				if got := h.replies(t, "bob"); got != nil {
					t.Errorf("beside it: %q", got)
				}
				waited := make(chan error, 1)
				go func() {
					_, err := h.askAs(t.Context(), true, message("", "dee", "hi"))
					waited <- err
				}()
				synctest.Wait()
				a.wakeUp(t)
				if err := <-waited; err != nil {
					t.Errorf("afterwards: %v", err)
				}
				advance(time.Minute)
				if got := h.replies(t, "bob"); len(got) != 1 {
					t.Errorf("afterwards: %q", got)
				}
				if got := h.AgentStates(); got[0].InFlight != 0 {
					t.Errorf("at the end the agents are %+v", got)
				}
			})
		})
	}
}

// The program's end waits 5 s for such calls, and not at all for those that are left
// behind already.
func TestCallLeftBehindAtTheEnd(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		before time.Duration // the end
		took   time.Duration
	}{
		"in its time":        {time.Minute, 5 * time.Second},
		"already left alone": {time.Hour, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				a := newDeafAgent()
				h := newHarness(t, a, withRepeat(agents.RepeatCrash))
				h.post(t, "ann", "deaf")
				go func() { _, _ = h.askOnce(t.Context(), "bob", "deaf") }()
				advance(c.before)
				began := time.Now()
				h.stop()
				if took := time.Since(began); took != c.took || h.LeftBehind() != 2 {
					t.Errorf("it took %v, %d left behind", took, h.LeftBehind())
				}
				a.wakeUp(t)
				<-a.late
			})
		})
	}
}

// An agent that ends its goroutine has failed.
func TestCallEndsItsGoroutine(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, agents.Func(func(context.Context, agents.Turn, channels.Replier) error {
			runtime.Goexit()
			return nil
		}))
		if err := h.ask(t.Context(), "hi"); channels.AsError(err).Code != channels.CodeAgentFailed {
			t.Errorf("%v", err)
		}
	})
}

// One call after another shares a goroutine, unless that has ended in the middle.
func TestCallsShareAGoroutine(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var ran []string
		h := newHarness(t, agents.Func(func(_ context.Context, turn agents.Turn, _ channels.Replier) error {
			stack := make([]byte, len("goroutine 1234567890"))
			ran = append(ran, string(stack[:runtime.Stack(stack, false)]))
			if turn.Message.Text == "ends" {
				runtime.Goexit()
			}
			return nil
		}))
		for _, text := range []string{"one", "two", "ends", "three", "four"} {
			if err := h.ask(t.Context(), text); (err != nil) != (text == "ends") {
				t.Errorf("%s: %v", text, err)
			}
		}
		if len(ran) != 5 || ran[0] != ran[1] || ran[1] != ran[2] || ran[2] == ran[3] || ran[3] != ran[4] {
			t.Errorf("calls ran in %q", ran)
		}
	})
}
