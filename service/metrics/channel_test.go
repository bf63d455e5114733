package metrics_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/instance"
	"github.com/manyvox/manyvox/service/servicetest"
)

// slowAgent sends a piece of text after two seconds and its reply after five.
func slowAgent() agents.Agent {
	return agents.Func(func(ctx context.Context, turn agents.Turn, r channels.Replier) error {
		time.Sleep(2 * time.Second)
		err := r.Delta(ctx, "a piece")
		time.Sleep(3 * time.Second)
		if strings.HasSuffix(turn.Message.Text, "silent") {
			return err
		}
		return errors.Join(err, r.Reply(ctx, channels.Reply{Text: "a piece\n\nand more", Image: "https://x.example/i.png"}))
	})
}

// The metrics count what callers wait for and get, on each route.
func TestChannelMetricsOfAsk(t *testing.T) {
	t.Parallel()
	for _, r := range servicetest.Routes() {
		t.Run(r.Name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := servicetest.InBubble(t, service.Config{
					Channels: servicetest.Channels(t, "rest:\n"), Agent: slowAgent(), AuthToken: "operator",
				}, servicetest.Timeout)
				first := servicetest.AskAsync(t.Context(), s, r, servicetest.Question{Sender: "ann", Text: "one", Token: "operator"})
				servicetest.Advance(time.Second)
				second := servicetest.AskAsync(t.Context(), s, r, servicetest.Question{Sender: "ann", Text: "two", Token: "operator"})
				streams := "0"
				if strings.HasSuffix(r.Name, "stream") {
					streams = "2"
				}
				s.CheckMetrics(t, `asks 2`, `streams_open{channel="rest"} `+streams, `messages_received_total{channel="rest",way="ask"} 2`)
				for _, done := range []<-chan servicetest.Outcome{first, second} {
					if got := <-done; got.Err != nil || got.Code != "" {
						t.Errorf("%+v", got)
					}
				}
				synctest.Wait()
				s.CheckMetrics(t, `asks 0`, `streams_open{channel="rest"} 0`,
					`queue_wait_seconds_sum{channel="rest"} 4`, `queue_wait_seconds_count{channel="rest"} 2`,
					`first_reply_seconds_sum{channel="rest"} 4`, `turn_seconds_sum{channel="rest"} 10`,
					`replies_total{channel="rest",kind="text"} 4`, `replies_total{channel="rest",kind="image"} 2`,
					`replies_total{channel="rest",kind="custom"} 0`, `turns_total{channel="rest",outcome="answered"} 2`)
			})
		})
	}
}

// They count what a platform posts and is sent. Only a message's first turn counts as
// waiting.
func TestChannelMetricsOfPost(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := &servicetest.ScriptedAgent{Script: func(ctx context.Context, _ agents.Turn, r channels.Replier, n int) error {
			time.Sleep(3 * time.Second)
			if n == 1 {
				return errors.New("no")
			}
			return r.Reply(ctx, channels.Reply{Text: servicetest.Private + "at last", Image: "https://x.example/i.png"})
		}}
		s := servicetest.NewHarness(t, &servicetest.FakePlatform{}, service.Config{Agent: a})
		began := time.Now()
		s.Post(t, "chat", "ann", "one", "one", "two")
		servicetest.Advance(time.Minute)
		waited := a.Runs("two")[0].Sub(began)
		s.CheckMetrics(t, `messages_received_total{channel="chat",way="post"} 3`, `messages_stored_total{channel="chat",outcome="duplicate"} 1`,
			`queue_wait_seconds_count{channel="chat"} 2`, fmt.Sprintf(`queue_wait_seconds_sum{channel="chat"} %v`, waited.Seconds()),
			`parts_sent_total{channel="chat",kind="text"} 2`, `parts_sent_total{channel="chat",kind="image"} 1`,
			`parts_sent_total{channel="mail",kind="text"} 0`, `replies_total{channel="chat",kind="text"} 2`)
	})
}

// Refused messages are counted by code, on each route.
func TestChannelMetricsOfRefusals(t *testing.T) {
	t.Parallel()
	for _, r := range servicetest.Routes() {
		t.Run(r.Name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				limits := instance.DefaultLimits()
				limits.Asks, limits.AsksPerConversation = 3, 1
				agent := servicetest.NewBlockingAgent()
				s := servicetest.InBubble(t, service.Config{
					Channels: servicetest.Channels(t, "rest:\n"), Agent: agent, AuthToken: "operator", Limits: limits,
				}, servicetest.Timeout)
				ask := func(sender, token, text string) <-chan servicetest.Outcome {
					return servicetest.AskAsync(t.Context(), s, r, servicetest.Question{Sender: sender, Text: text, Token: token})
				}
				<-ask("ann", "wrong", "no token")
				<-ask(strings.Repeat("x", 300), "operator", "too long")
				first, second := ask("ann", "operator", "one"), ask("ann", "operator", "two")
				<-ask("ann", "operator", "the queue is full")
				third := ask("bob", "operator", "three")
				<-ask("cat", "operator", "all is full")
				for range 3 {
					agent.Release <- struct{}{}
				}
				<-first
				<-second
				<-third
				s.CheckMetrics(t, `messages_refused_total{channel="rest",code="unauthenticated"} 1`,
					`messages_refused_total{channel="rest",code="invalid_argument"} 1`,
					`messages_refused_total{channel="rest",code="resource_exhausted"} 2`,
					`messages_received_total{channel="rest",way="ask"} 4`)
			})
		})
	}
}
