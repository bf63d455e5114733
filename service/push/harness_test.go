package push_test

import (
	"context"
	"encoding/base64"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/servicetest"
)

// secret is that of the agent bot.
const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

// speaker is an agent that may speak outside a turn.
type speaker struct {
	agents.Agent
	secret channels.Secret
	sender agents.Template
}

func (s speaker) PushKey() channels.SigningKey {
	key, _ := channels.ParseSigningKey(s.secret)
	return key
}

func (s speaker) SenderOf(channel, name string) (string, bool) { return s.sender.Sender(channel, name) }

// newHarness starts a service with the agent bot, which knows senders by the template, and
// others that say nothing.
func newHarness(t *testing.T, p *servicetest.FakePlatform, sender agents.Template, c service.Config) *servicetest.Harness {
	t.Helper()
	agent := func(name string, a agents.Agent) service.Agent {
		return service.Agent{Agent: a, AgentOptions: service.AgentOptions{AgentName: name}}
	}
	quiet := servicetest.ReplyWith()
	c.Agents.List = []service.Agent{
		agent("bot", speaker{quiet, secret, sender}), agent("dumb", speaker{quiet, "", sender}), agent("echo", quiet),
	}
	c.Agents.Router.Default = "bot"
	c.Channels = servicetest.Channels(t, "chat: {type: platform}\nmail: {type: platform, input_channel: letters}\n"+
		"post: {type: platform, input_channel: letters}\nrest:\nmute: {type: rest}\n", p.Type())
	h := servicetest.NewHarness(t, p, c)
	t.Cleanup(func() {
		if strings.Contains(h.Log.String(), secret) {
			t.Error("the log has the secret")
		}
	})
	return h
}

// signed is a request of the agent bot, signed now.
func signed(t *testing.T, h *servicetest.Harness, body string) *http.Request {
	t.Helper()
	req := unsigned(t, h, "bot", body)
	sign(req, secret, time.Now(), body)
	return req
}

func sign(req *http.Request, secret channels.Secret, at time.Time, body string) {
	key, _ := channels.ParseSigningKey(secret)
	req.Header.Set(channels.HeaderWebhookID, "of the request")
	key.Sign(req.Header, "of the request", at, []byte(body))
}

func unsigned(t *testing.T, h *servicetest.Harness, agent, body string) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(context.WithoutCancel(t.Context()), http.MethodPost,
		h.URL+"/agents/"+agent+"/messages", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return req
}

// say posts a body as the agent bot.
func say(t *testing.T, h *servicetest.Harness, body string) (status int, answer string) {
	t.Helper()
	status, answer = servicetest.Do(t, h.HTTP1, signed(t, h, body))
	synctest.Wait()
	return status, answer
}

var otherSecret = channels.Secret("whsec_" + base64.StdEncoding.EncodeToString([]byte("another secret of the same kind.")))
