package service_test

import (
	"context"
	"fmt"
	"sync/atomic"
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

// What holds an agent back is shown beside what holds channels back, and ended by name.
func TestHoldOfAnAgent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var up atomic.Bool
		agent := agents.Func(func(ctx context.Context, turn agents.Turn, r channels.Replier) error {
			if !up.Load() {
				return agents.NotReached(channels.Errorf(channels.CodeUnavailable, "no route"))
			}
			turn.Spend(agents.Tokens{Prompt: 9, Completion: 2})
			turn.Spend(agents.Tokens{Prompt: 1, Completion: -5})
			return r.Reply(ctx, channels.Reply{Text: turn.Message.Text})
		})
		s := servicetest.NewHarness(t, &servicetest.FakePlatform{}, service.Config{Agent: agent, AgentOptions: turn.AgentOptions{AgentName: "rasa"}})
		s.Post(t, "chat", "ann", "one")
		servicetest.Advance(time.Minute)
		if holds := s.Holds(); len(holds) != 1 || holds[0].Agent != "rasa" || holds[0].State != instance.HoldOpen {
			t.Errorf("held back: %+v", holds)
		}
		s.CheckMetrics(t, `agent_breaker_open{agent="rasa"} 1`)
		up.Store(true)
		if !s.Resume("rasa") || s.Holds() != nil {
			t.Errorf("after Resume: %+v", s.Holds())
		}
		servicetest.Advance(time.Minute + 5*time.Second)
		if diff := cmp.Diff([]string{"one"}, s.Accepted("chat", "ann")); diff != "" {
			t.Errorf("accepted (-want +got):\n%s", diff)
		}
		s.CheckMetrics(t, `agent_breaker_open{agent="rasa"} 0`,
			`agent_tokens_total{agent="rasa",kind="prompt"} 10`, `agent_tokens_total{agent="rasa",kind="completion"} 2`)
	})
}

// An agent that is down for 30 minutes costs no message that a platform has posted, early or late:
// each is answered and sent once, in order, and the channel of another agent notices nothing.
func TestAgentDownFor30Minutes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var up atomic.Bool
		agent := func(name string, reached func() bool) service.Agent {
			return service.Agent{AgentOptions: turn.AgentOptions{AgentName: name, Repeat: agents.RepeatCrash}, Agent: agents.Func(
				func(ctx context.Context, turn agents.Turn, r channels.Replier) error {
					if !reached() {
						return agents.NotReached(channels.Errorf(channels.CodeUnavailable, "no route"))
					}
					return r.Reply(ctx, channels.Reply{Text: turn.Message.Text})
				})}
		}
		var c service.Config
		c.Agents.List = []service.Agent{agent("down", up.Load), agent("up", func() bool { return true })}
		c.Agents.Router = agents.Router{OfChannel: map[string]string{"chat": "down"}, Default: "up"}
		s := servicetest.NewHarness(t, &servicetest.FakePlatform{}, c)
		for minute := range 30 {
			text := fmt.Sprint("minute ", minute)
			for _, sender := range []string{"ann", "bob", fmt.Sprint("once ", minute)} {
				s.Post(t, "chat", sender, text)
			}
			s.Post(t, "mail", "cid", text)
			if got := s.Accepted("mail", "cid"); len(got) != minute+1 {
				t.Fatalf("%s: the other channel was sent %q", text, got)
			}
			servicetest.Advance(time.Minute)
		}
		if got := s.Accepted("chat", "ann"); got != nil || len(s.Holds()) != 1 {
			t.Errorf("after 30 minutes: sent %q, held back %+v", got, s.Holds())
		}
		up.Store(true)
		servicetest.Advance(3 * time.Minute)
		for _, sender := range []string{"ann", "bob"} {
			if diff := cmp.Diff(s.Accepted("mail", "cid"), s.Accepted("chat", sender)); diff != "" {
				t.Errorf("%s (-posted +sent):\n%s", sender, diff)
			}
		}
		for minute := range 30 {
			if got := s.Accepted("chat", fmt.Sprint("once ", minute)); len(got) != 1 {
				t.Errorf("minute %d: sent %q", minute, got)
			}
		}
		if dead := s.DeadLetters(t); dead != nil {
			t.Errorf("dead letters %q", dead)
		}
	})
}
