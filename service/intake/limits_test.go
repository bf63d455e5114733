package intake_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/instance"
	"github.com/manyvox/manyvox/service/servicetest"
	"github.com/manyvox/manyvox/service/turn"
)

func TestLimitsArrivalIsTheOrderOfAllRoutes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		agent := servicetest.NewBlockingAgent()
		h := servicetest.InBubble(t, service.Config{Channels: servicetest.Channels(t, "rest:\n"), Agent: agent}, servicetest.Timeout)
		var want []string
		var callers []<-chan servicetest.Outcome
		for i, r := range slices.Concat(servicetest.Routes(), servicetest.Routes()) {
			want = append(want, fmt.Sprintf("%d by %s", i, r.Name))
			callers = append(callers, servicetest.AskAsync(t.Context(), h, r, servicetest.Question{Sender: "ann", Text: want[i]}))
		}
		for i, c := range callers {
			if got := <-agent.Began; got != want[i] {
				t.Errorf("turn %d is %q, want %q", i, got, want[i])
			}
			agent.Release <- struct{}{}
			if got := <-c; got.Err != nil || !slices.Equal(got.Texts, want[i:i+1]) {
				t.Errorf("caller %d got %+v, want %q", i, got, want[i])
			}
		}
	})
}

func TestLimitsRefuse(t *testing.T) {
	t.Parallel()
	const asksFull, lineFull = "too many messages are being answered", "too many messages of this conversation are waiting"
	for _, c := range []struct {
		name    string
		limits  func(*instance.Limits)
		senders [3]string
		want    string
	}{
		{"messages at once", func(l *instance.Limits) { l.Asks = 2 }, [3]string{"ann", "bob", "cat"}, asksFull},
		{"of one conversation too", func(l *instance.Limits) { l.Asks = 2 }, [3]string{"ann", "ann", "ann"}, asksFull},
		{"messages waiting", func(l *instance.Limits) { l.AsksPerConversation = 1 }, [3]string{"ann", "ann", "ann"}, lineFull},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				limits := instance.DefaultLimits()
				c.limits(&limits)
				agent := servicetest.NewBlockingAgent()
				h := servicetest.InBubble(t, service.Config{Channels: servicetest.Channels(t, "rest:\n"), Agent: agent, Limits: limits}, servicetest.Timeout)
				first := servicetest.AskAsync(t.Context(), h, servicetest.Routes()[0], servicetest.Question{Sender: c.senders[0], Text: "one"})
				second := servicetest.AskAsync(t.Context(), h, servicetest.Routes()[1], servicetest.Question{Sender: c.senders[1], Text: "two"})
				for _, r := range servicetest.Routes() {
					got, err := r.Ask(t.Context(), h, servicetest.Question{Sender: c.senders[2], Text: "three"})
					want := servicetest.Answer{Code: "resource_exhausted", Message: c.want, RetryAfter: "1"}
					if diff := cmp.Diff(want, got); diff != "" || err != nil {
						t.Errorf("%s: %v (-want +got):\n%s", r.Name, err, diff)
					}
				}
				agent.Release <- struct{}{}
				agent.Release <- struct{}{}
				<-first
				<-second
				third := servicetest.AskAsync(t.Context(), h, servicetest.Routes()[0], servicetest.Question{Sender: c.senders[2], Text: "three"})
				agent.Release <- struct{}{}
				if got := <-third; got.Err != nil || got.Code != "" {
					t.Errorf("with room again: %+v", got)
				}
			})
		})
	}
}

func TestLimitsOfTime(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name            string
		response, agent time.Duration
		ahead           time.Duration // how long the turn before takes
		after           time.Duration
		code            string
	}{
		{"waiting past the response timeout", time.Minute, time.Hour, 2 * time.Minute, time.Minute, "unavailable"},
		{"answered past the response timeout", time.Minute, time.Hour, 0, time.Minute, "deadline_exceeded"},
		{"answered past the agent's timeout", time.Hour, time.Minute, 0, time.Minute, "deadline_exceeded"},
		{"waiting counts for the response", time.Minute, time.Hour, 50 * time.Second, time.Minute, "deadline_exceeded"},
		{"waiting does not count for the agent", time.Hour, time.Minute, 50 * time.Second, 110 * time.Second, "deadline_exceeded"},
	} {
		for _, r := range servicetest.Routes() {
			t.Run(c.name+"/"+r.Name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					h := servicetest.InBubble(t, service.Config{
						Channels: servicetest.Channels(t, "rest:\n"), ResponseTimeout: c.response, AgentOptions: turn.AgentOptions{AgentTimeout: c.agent},
						Agent: agents.Func(func(ctx context.Context, turn agents.Turn, _ channels.Replier) error {
							if turn.Message.Text == "ahead" {
								time.Sleep(c.ahead) // ignores ctx
								return nil
							}
							<-ctx.Done()
							return ctx.Err()
						}),
					}, servicetest.Timeout)
					if c.ahead > 0 {
						first := servicetest.AskAsync(t.Context(), h, servicetest.Routes()[0], servicetest.Question{Sender: "ann", Text: "ahead"})
						defer func() { <-first; time.Sleep(c.ahead) }() // the agent ends
					}
					began := time.Now()
					got, err := r.Ask(t.Context(), h, servicetest.Question{Sender: "ann", Text: "hello"})
					if err != nil || got.Code != c.code || time.Since(began) != c.after {
						t.Errorf("%+v, %v after %v, want code %s after %v", got, err, time.Since(began), c.code, c.after)
					}
				})
			})
		}
	}
}

func TestLimitsCallerWhoLeavesFreesThePlace(t *testing.T) {
	t.Parallel()
	for _, r := range servicetest.Routes() {
		t.Run(r.Name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				limits := instance.DefaultLimits()
				limits.AsksPerConversation = 1
				agent := servicetest.NewBlockingAgent()
				h := servicetest.InBubble(t, service.Config{Channels: servicetest.Channels(t, "rest:\n"), Agent: agent, Limits: limits}, servicetest.Timeout)
				ctx, leave := context.WithCancel(t.Context())
				first := servicetest.AskAsync(t.Context(), h, servicetest.Routes()[0], servicetest.Question{Sender: "ann", Text: "one"})
				second := servicetest.AskAsync(ctx, h, r, servicetest.Question{Sender: "ann", Text: "two"})
				leave()
				if got := <-second; got.Err == nil {
					t.Errorf("the caller who left got %+v", got)
				}
				synctest.Wait()
				third := servicetest.AskAsync(t.Context(), h, r, servicetest.Question{Sender: "ann", Text: "three"})
				agent.Release <- struct{}{}
				agent.Release <- struct{}{}
				<-first
				if got := <-third; got.Err != nil || !slices.Equal(got.Texts, []string{"three"}) {
					t.Errorf("the next caller got %+v", got)
				}
			})
		})
	}
}
