package service_test

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
)

// slow says something after two seconds and is done after five.
func slow() agents.Agent {
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

// What a caller waits for and gets is told, by each route.
func TestCountersOfAsk(t *testing.T) {
	t.Parallel()
	for _, r := range routes() {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := &stage{house: bubble(t, service.Config{
					Channels: instances(t, "rest:\n"), Agent: slow(), AuthToken: "operator",
				}, patience)}
				first := asks(t.Context(), s.house, r, question{sender: "ann", text: "one", token: "operator"})
				pass(time.Second)
				second := asks(t.Context(), s.house, r, question{sender: "ann", text: "two", token: "operator"})
				streams := "0"
				if strings.HasSuffix(r.name, "stream") {
					streams = "2"
				}
				s.counts(t, `asks 2`, `streams_open{channel="rest"} `+streams, `messages_received_total{channel="rest",way="ask"} 2`)
				for _, done := range []<-chan outcome{first, second} {
					if got := <-done; got.err != nil || got.code != "" {
						t.Errorf("%+v", got)
					}
				}
				synctest.Wait()
				s.counts(t, `asks 0`, `streams_open{channel="rest"} 0`,
					`queue_wait_seconds_sum{channel="rest"} 4`, `queue_wait_seconds_count{channel="rest"} 2`,
					`first_reply_seconds_sum{channel="rest"} 4`, `turn_seconds_sum{channel="rest"} 10`,
					`replies_total{channel="rest",kind="text"} 4`, `replies_total{channel="rest",kind="image"} 2`,
					`replies_total{channel="rest",kind="custom"} 0`, `turns_total{channel="rest",outcome="answered"} 2`)
			})
		})
	}
}

// So is what a platform posts and is sent. Only the first turn of a message has waited.
func TestCountersOfPost(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := &actor{play: func(ctx context.Context, _ agents.Turn, r channels.Replier, n int) error {
			time.Sleep(3 * time.Second)
			if n == 1 {
				return errors.New("no")
			}
			return r.Reply(ctx, channels.Reply{Text: private + "at last", Image: "https://x.example/i.png"})
		}}
		s := perform(t, &platform{}, service.Config{Agent: a})
		began := time.Now()
		s.post(t, "chat", "ann", "one", "one", "two")
		pass(time.Minute)
		waited := a.runs("two")[0].Sub(began)
		s.counts(t, `messages_received_total{channel="chat",way="post"} 3`, `messages_stored_total{channel="chat",outcome="duplicate"} 1`,
			`queue_wait_seconds_count{channel="chat"} 2`, fmt.Sprintf(`queue_wait_seconds_sum{channel="chat"} %v`, waited.Seconds()),
			`parts_sent_total{channel="chat",kind="text"} 2`, `parts_sent_total{channel="chat",kind="image"} 1`,
			`parts_sent_total{channel="mail",kind="text"} 0`, `replies_total{channel="chat",kind="text"} 2`)
	})
}

// Whoever is turned away is counted by the reason, whatever the route.
func TestCountersOfRefusals(t *testing.T) {
	t.Parallel()
	for _, r := range routes() {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				limits := instance.DefaultLimits()
				limits.Asks, limits.AsksPerConversation = 3, 1
				agent := newHeld()
				s := &stage{house: bubble(t, service.Config{
					Channels: instances(t, "rest:\n"), Agent: agent, AuthToken: "operator", Limits: limits,
				}, patience)}
				ask := func(sender, token, text string) <-chan outcome {
					return asks(t.Context(), s.house, r, question{sender: sender, text: text, token: token})
				}
				<-ask("ann", "wrong", "no token")
				<-ask(strings.Repeat("x", 300), "operator", "too long")
				first, second := ask("ann", "operator", "one"), ask("ann", "operator", "two")
				<-ask("ann", "operator", "the line is full")
				third := ask("bob", "operator", "three")
				<-ask("cat", "operator", "all is full")
				for range 3 {
					agent.release <- struct{}{}
				}
				<-first
				<-second
				<-third
				s.counts(t, `messages_refused_total{channel="rest",code="unauthenticated"} 1`,
					`messages_refused_total{channel="rest",code="invalid_argument"} 1`,
					`messages_refused_total{channel="rest",code="resource_exhausted"} 2`,
					`messages_received_total{channel="rest",way="ask"} 4`)
			})
		})
	}
}
