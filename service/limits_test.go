package service_test

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
)

// held is an agent that answers a message when the test says so.
type held struct {
	began   chan string   // the text of each turn that begins
	release chan struct{} // each receive lets one turn end
}

func newHeld() *held { return &held{began: make(chan string, turns), release: make(chan struct{})} }

func (a *held) Answer(ctx context.Context, t agents.Turn, r channels.Replier) error {
	a.began <- t.Message.Text
	select {
	case <-a.release:
		return r.Reply(ctx, channels.Reply{Text: t.Message.Text})
	case <-ctx.Done():
		return ctx.Err()
	}
}

// outcome is what one of several callers got.
type outcome struct {
	answer
	err error
}

// asks sends a question from a goroutine of its own and returns when it is in, in a bubble.
func asks(ctx context.Context, h *house, r route, q question) <-chan outcome {
	done := make(chan outcome, 1)
	go func() {
		got, err := r.ask(ctx, h, q)
		done <- outcome{got, err}
	}()
	synctest.Wait()
	return done
}

func TestLimitsArrivalIsTheOrderOfAllRoutes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		agent := newHeld()
		h := bubble(t, service.Config{Channels: instances(t, "rest:\n"), Agent: agent}, patience)
		var want []string
		var callers []<-chan outcome
		for i, r := range slices.Concat(routes(), routes()) {
			want = append(want, fmt.Sprintf("%d by %s", i, r.name))
			callers = append(callers, asks(t.Context(), h, r, question{sender: "ann", text: want[i]}))
		}
		for i, c := range callers {
			if got := <-agent.began; got != want[i] {
				t.Errorf("turn %d is %q, want %q", i, got, want[i])
			}
			agent.release <- struct{}{}
			if got := <-c; got.err != nil || !slices.Equal(got.texts, want[i:i+1]) {
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
				agent := newHeld()
				h := bubble(t, service.Config{Channels: instances(t, "rest:\n"), Agent: agent, Limits: limits}, patience)
				first := asks(t.Context(), h, routes()[0], question{sender: c.senders[0], text: "one"})
				second := asks(t.Context(), h, routes()[1], question{sender: c.senders[1], text: "two"})
				for _, r := range routes() {
					got, err := r.ask(t.Context(), h, question{sender: c.senders[2], text: "three"})
					want := answer{code: "resource_exhausted", message: c.want, retryAfter: "1"}
					if diff := cmp.Diff(want, got, cmp.AllowUnexported(answer{})); diff != "" || err != nil {
						t.Errorf("%s: %v (-want +got):\n%s", r.name, err, diff)
					}
				}
				agent.release <- struct{}{}
				agent.release <- struct{}{}
				<-first
				<-second
				third := asks(t.Context(), h, routes()[0], question{sender: c.senders[2], text: "three"})
				agent.release <- struct{}{}
				if got := <-third; got.err != nil || got.code != "" {
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
		ahead           time.Duration // how long an earlier message of the conversation is being answered
		after           time.Duration
		code            string
	}{
		{"waiting past the response timeout", time.Minute, time.Hour, 2 * time.Minute, time.Minute, "unavailable"},
		{"answered past the response timeout", time.Minute, time.Hour, 0, time.Minute, "deadline_exceeded"},
		{"answered past the agent's timeout", time.Hour, time.Minute, 0, time.Minute, "deadline_exceeded"},
		{"waiting counts for the response", time.Minute, time.Hour, 50 * time.Second, time.Minute, "deadline_exceeded"},
		{"waiting does not count for the agent", time.Hour, time.Minute, 50 * time.Second, 110 * time.Second, "deadline_exceeded"},
	} {
		for _, r := range routes() {
			t.Run(c.name+"/"+r.name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					h := bubble(t, service.Config{
						Channels: instances(t, "rest:\n"), ResponseTimeout: c.response, AgentTimeout: c.agent,
						Agent: agents.Func(func(ctx context.Context, turn agents.Turn, _ channels.Replier) error {
							if turn.Message.Text == "ahead" {
								time.Sleep(c.ahead) // deaf to ctx
								return nil
							}
							<-ctx.Done()
							return ctx.Err()
						}),
					}, patience)
					if c.ahead > 0 {
						first := asks(t.Context(), h, routes()[0], question{sender: "ann", text: "ahead"})
						defer func() { <-first }()
					}
					began := time.Now()
					got, err := r.ask(t.Context(), h, question{sender: "ann", text: "hello"})
					if err != nil || got.code != c.code || time.Since(began) != c.after {
						t.Errorf("%+v, %v after %v, want code %s after %v", got, err, time.Since(began), c.code, c.after)
					}
				})
			})
		}
	}
}

func TestLimitsCallerWhoLeavesFreesThePlace(t *testing.T) {
	t.Parallel()
	for _, r := range routes() {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				limits := instance.DefaultLimits()
				limits.AsksPerConversation = 1
				agent := newHeld()
				h := bubble(t, service.Config{Channels: instances(t, "rest:\n"), Agent: agent, Limits: limits}, patience)
				ctx, leave := context.WithCancel(t.Context())
				first := asks(t.Context(), h, routes()[0], question{sender: "ann", text: "one"})
				second := asks(ctx, h, r, question{sender: "ann", text: "two"})
				leave()
				if got := <-second; got.err == nil {
					t.Errorf("the caller who left got %+v", got)
				}
				synctest.Wait()
				third := asks(t.Context(), h, r, question{sender: "ann", text: "three"})
				agent.release <- struct{}{}
				agent.release <- struct{}{}
				<-first
				if got := <-third; got.err != nil || !slices.Equal(got.texts, []string{"three"}) {
					t.Errorf("the next caller got %+v", got)
				}
			})
		})
	}
}
