package slack_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/agents/echo"
	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/channels/slack"
	"github.com/manyvox/manyvox/channels/slack/slacktest"
	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/servicetest"
	"github.com/manyvox/manyvox/service/turn"
)

// pipeConfig is a channel in a synctest bubble, which is connected to the fake.
type pipeConfig struct {
	slack.Config
	dial servicetest.Dialer
}

func (c *pipeConfig) Open(env channels.Env) (channels.Channel, error) {
	env.Dial = channels.DialFunc(c.dial)
	return c.Config.Open(env)
}

// inBubble runs a service with an app on a fake, both in a synctest bubble.
func inBubble(t *testing.T, block string, o slacktest.Options, agent agents.Agent, test func(*testing.T, *slacktest.Server)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		var us servicetest.Dialer
		o.Token, o.AppToken, o.BaseURL = token, appToken, "http://slack.example"
		o.Dial = func(ctx context.Context, network, address string) (net.Conn, error) { return us(ctx, network, address) }
		if !strings.Contains(block, "app_token") {
			o.RequestURL = "http://vox.example/webhooks/slack/webhook"
		}
		s := slacktest.New(o)
		listener, dial := servicetest.NewPipeNetwork()
		server := &http.Server{Handler: s}
		go server.Serve(listener)
		t.Cleanup(func() { s.Close(); server.Close() })
		typ := slack.Type()
		typ.New = func() channels.Config {
			return &pipeConfig{Config: *slack.Type().New().(*slack.Config), dial: dial}
		}
		yaml := "slack:\n  " + strings.ReplaceAll(block+local, "\n", "\n  ")
		running := servicetest.InBubble(t, service.Config{
			Channels: servicetest.Channels(t, yaml, typ), Agent: agent, AgentOptions: turn.AgentOptions{AgentTimeout: time.Hour},
		}, servicetest.Timeout)
		us = running.Dial
		defer func() {
			if t.Failed() {
				t.Log(running.Log.String())
			}
		}()
		test(t, s)
		for _, hidden := range []string{token, appToken, secret, "ticket=", "hook-"} {
			if log := running.Log.String(); strings.Contains(log, hidden) {
				t.Errorf("the log tells %q: %s", hidden, log)
			}
		}
	})
}

// says waits until the bot has said these texts in a chat, in order.
func says(t *testing.T, s *slacktest.Server, chat string, want ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
	defer cancel()
	var got []string
	err := s.Wait(ctx, func() bool {
		c := s.Chat(chat)
		got = c.Texts()
		return len(got) >= len(want)
	})
	synctest.Wait() // what was sent is stored
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Fatalf("%v: -want +got:\n%s", err, diff)
	}
}

// blocks are how an app may be reached.
func blocks() map[string]string {
	return map[string]string{"webhook": webhook, "socket": socket + "\nslack_signing_secret: " + secret}
}

func TestService(t *testing.T) {
	t.Parallel()
	for name, block := range blocks() {
		for _, first := range []bool{false, true} {
			t.Run(fmt.Sprint(name, " mention first ", first), func(t *testing.T) {
				t.Parallel()
				inBubble(t, block+"\nslack_channel: C0ALL", slacktest.Options{MentionFirst: first}, &echo.Agent{}, func(t *testing.T, s *slacktest.Server) {
					ina := s.Person(slacktest.Ina)
					ina.Say(ina.DM(), "Hello & <hi>")
					says(t, s, ina.DM(), "Hello & <hi>")
					ina.Say(ina.DM(), "/buttons")
					waitFor(t, s, "buttons are shown", func() bool { return ina.Click(ina.DM(), "Yes") })
					waitFor(t, s, "the button is answered", func() bool { c := s.Chat(ina.DM()); return len(c.Texts()) == 3 })
					if c := s.Chat(ina.DM()); c.Texts()[2] != "/affirm" {
						t.Errorf("%q", c.Texts())
					}
					// Both of the two events of a mention are turns here.
					ina.Mention("C0ALL", "when?")
					ina.Say("C0ALL", "now?")
					says(t, s, "C0ALL", "when?", "now?")
					ina.Say(crew, "not for the bot")
					ina.Mention(crew, "for the bot")
					says(t, s, crew, "for the bot")
					ina.Command(crew, "/ask", "me")
					says(t, s, crew, "for the bot", "/ask me")
					if m := last(t, s); m.OnlyFor != slacktest.Ina {
						t.Errorf("%+v", m)
					}
					if n := s.Dropped(); n != 0 || s.Pending() != 0 {
						t.Errorf("%d deliveries were dropped, %d wait", n, s.Pending())
					}
				})
			})
		}
	}
}
