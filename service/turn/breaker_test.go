package turn_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/instance"
)

var errNoRoute = agents.NotReached(channels.Errorf(channels.CodeUnavailable, "no route"))

// downAgent answers nothing while it is down, and counts the calls.
type downAgent struct {
	mu    sync.Mutex
	down  bool
	calls []time.Time
	// takes is how long it takes to find out that there is no answer.
	takes time.Duration
}

func (a *downAgent) Answer(ctx context.Context, t agents.Turn, r channels.Replier) error {
	a.mu.Lock()
	a.calls = append(a.calls, time.Now())
	down, takes := a.down, a.takes
	a.mu.Unlock()
	if !down {
		return say(ctx, r, "re "+t.Message.Text)
	}
	time.Sleep(takes)
	return errNoRoute
}

func (a *downAgent) set(down bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.down = down
}

// called returns how often it was called since a time.
func (a *downAgent) called(since time.Time) (n int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, at := range a.calls {
		if !at.Before(since) {
			n++
		}
	}
	return n
}

func named(s *settings) { s.AgentName = "rasa" }

// An agent that is down for an hour costs no message, and is asked once a minute.
func TestBreakerAgentDownForAnHour(t *testing.T) {
	t.Parallel()
	for name, takes := range map[string]time.Duration{"it refuses": 0, "it takes a while to see": 15 * time.Second} {
		for _, repeat := range []agents.Repeat{agents.RepeatAlways, agents.RepeatNever} {
			t.Run(fmt.Sprint(name, ", ", repeat), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					const senders, each = 20, 10
					a := &downAgent{down: true, takes: takes}
					h := newHarness(t, a, named, withRepeat(repeat))
					want := map[string][]string{}
					for i := range senders {
						sender := fmt.Sprint("sender ", i)
						for j := range each {
							text := fmt.Sprint(i, "-", j)
							h.post(t, sender, text)
							want[sender] = append(want[sender], "re "+text)
						}
					}
					advance(2 * time.Minute)
					began := time.Now()
					advance(time.Hour)
					if n := a.called(began); n < 40 || n > 61 {
						t.Errorf("%d calls in an hour, want one a minute", n)
					}
					a.set(false)
					advance(2*time.Minute + takes)
					for sender, texts := range want {
						var got []string
						for _, e := range h.events(t, sender) {
							if reply, ok := strings.CutPrefix(e, "reply "); ok {
								got = append(got, reply)
							}
						}
						if diff := cmp.Diff(texts, got); diff != "" {
							t.Errorf("%s (-want +got):\n%s", sender, diff)
						}
					}
					if dead := h.dead(t); dead != nil || h.parts(t) != senders*each {
						t.Errorf("%d parts, dead letters %v", h.parts(t), dead)
					}
				})
			})
		}
	}
}

// Callers that wait are told at once while the breaker is open, and one of them is the
// probe where nothing is stored.
func TestBreakerRefusesCallers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := &downAgent{}
		h := newHarness(t, a, named)
		ask := func(id string) error {
			if id == "" {
				return h.ask(t.Context(), "hi")
			}
			_, err := h.askOnce(t.Context(), "ann", id)
			return err
		}
		if err := ask("before"); err != nil {
			t.Fatal(err)
		}
		a.set(true)
		for i := range 5 {
			if err := ask(fmt.Sprint(i)); !errors.Is(err, channels.ErrUnavailable) {
				t.Errorf("call %d: %v", i, err)
			}
		}
		advance(20 * time.Second)
		began := time.Now()
		for _, id := range []string{"", "new", "0"} {
			e := channels.AsError(ask(id))
			if e.Code != channels.CodeUnavailable || e.RetryAfter != 40*time.Second || e.Message != "the agent cannot be reached now" {
				t.Errorf("id %q: %+v", id, e)
			}
		}
		if err := ask("before"); err != nil {
			t.Errorf("what was answered before: %v", err)
		}
		if n := a.called(began); n != 0 || time.Since(began) > 0 {
			t.Errorf("%d calls, in %v", n, time.Since(began))
		}
		a.set(false)
		advance(41 * time.Second)
		for _, id := range []string{"", "new", "0"} {
			if err := ask(id); err != nil {
				t.Errorf("id %q, afterwards: %v", id, err)
			}
		}
		if diff := cmp.Diff([]string{"agent is reached again: its breaker is closed"}, h.log.lines(t, slog.LevelInfo)); diff != "" {
			t.Errorf("log (-want +got):\n%s", diff)
		}
	})
}

// Only turns in a row that do not reach the agent count.
func TestBreakerCountsInARow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, agents.Func(func(_ context.Context, turn agents.Turn, _ channels.Replier) error {
			if turn.Message.ID == "x" {
				return errNoRoute
			}
			return channels.Errorf(channels.CodeAgentFailed, "no")
		}), named)
		for _, reaches := range []string{"y1", "y2", "y3"} {
			for range 4 {
				_, _ = h.askOnce(t.Context(), "ann", "x")
			}
			_, _ = h.askOnce(t.Context(), "ann", reaches)
		}
		if holds := h.Holds(); len(holds) > 0 {
			t.Errorf("held back: %+v", holds)
		}
	})
}

// The breaker is shown while it is open, and can be closed by hand.
func TestBreakerIsShownAndClosed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := &downAgent{down: true}
		h := newHarness(t, a, named)
		if holds := h.Holds(); len(holds) > 0 || h.Resume("rasa") {
			t.Errorf("held back before: %+v", holds)
		}
		began := time.Now()
		for i := range 5 {
			_, _ = h.askOnce(t.Context(), "ann", fmt.Sprint(i))
		}
		hold := instance.Hold{
			Agent: "rasa", State: instance.HoldOpen, Since: began, Until: began.Add(time.Minute), Reason: "unavailable",
		}
		if diff := cmp.Diff([]instance.Hold{hold}, h.Holds(), cmpopts.EquateApproxTime(0)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		a.set(false)
		if h.Resume("another") || !h.Resume("rasa") || h.Resume("rasa") {
			t.Error("Resume does not tell what it did")
		}
		if _, err := h.askOnce(t.Context(), "ann", "new"); err != nil || len(h.Holds()) > 0 {
			t.Errorf("afterwards: %v, held back %+v", err, h.Holds())
		}
	})
}

// A probe that takes long keeps the others away until the agent has said something.
func TestBreakerProbe(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		down := true
		slow := agents.Func(func(ctx context.Context, turn agents.Turn, r channels.Replier) error {
			if down {
				return errNoRoute
			}
			if turn.Message.ID != "probe" {
				return say(ctx, r, "re")
			}
			time.Sleep(time.Minute)
			if err := say(ctx, r, "one"); err != nil {
				return err
			}
			time.Sleep(30 * time.Second)
			return say(ctx, r, "two")
		})
		h := newHarness(t, slow, named)
		for i := range 5 {
			_, _ = h.askOnce(t.Context(), "ann", fmt.Sprint(i))
		}
		down = false
		advance(time.Minute)
		probe := make(chan []string, 1)
		go func() {
			texts, _ := h.askOnce(t.Context(), "ann", "probe")
			probe <- texts
		}()
		advance(30 * time.Second)
		if holds := h.Holds(); len(holds) != 1 || holds[0].State != instance.HoldHalfOpen {
			t.Errorf("held back %+v", holds)
		}
		if _, err := h.askOnce(t.Context(), "bob", "x"); channels.AsError(err).RetryAfter != time.Second {
			t.Errorf("beside the probe: %v", err)
		}
		advance(31 * time.Second)
		if texts, err := h.askOnce(t.Context(), "bob", "y"); err != nil || !slices.Equal(texts, []string{"re"}) {
			t.Errorf("once the probe has been answered: %q, %v", texts, err)
		}
		if texts := <-probe; !slices.Equal(texts, []string{"one", "two"}) {
			t.Errorf("the probe got %q", texts)
		}
	})
}
