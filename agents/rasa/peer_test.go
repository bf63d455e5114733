package rasa_test

import (
	"context"
	"strings"
	"testing"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/agents/agenttest"
	"github.com/manyvox/manyvox/agents/rasa"
	"github.com/manyvox/manyvox/channels"
)

// exchange is a turn of a Rasa server, which answers a line per reply, or an array.
type exchange struct {
	*agenttest.HTTPExchange
	stream bool
	begun  bool
}

func (x *exchange) Reply(text string) {
	object, _ := channels.Marshal(map[string]string{"text": text})
	x.object(string(object))
}

func (x *exchange) Custom(text string) { x.object(`{"custom": ` + text + "}") }

func (x *exchange) Delta(string) { panic("Rasa has no pieces of a text") }

func (x *exchange) object(object string) {
	switch {
	case x.stream:
		x.Raw(object + "\n")
	case !x.begun:
		x.Raw("[" + object)
	default:
		x.Raw("," + object)
	}
	x.begun = true
}

// Raw stands for what other servers answer, who know nothing of lines and arrays.
func (x *exchange) Raw(text string) {
	x.HTTPExchange.Raw(text)
	x.begun = true
}

func (x *exchange) End() {
	switch {
	case x.stream:
	case x.begun:
		x.HTTPExchange.Raw("]")
	default:
		x.HTTPExchange.Raw("[]")
	}
}

// peer is a Rasa server that is asked in a mode.
func peer(mode rasa.Mode) agenttest.Peer {
	open := func(t *testing.T, s agenttest.Stage) agents.Agent {
		c := rasa.Type().New().(*rasa.Config)
		c.URL = agenttest.ListenHTTP(t, s, func(x *agenttest.HTTPExchange) agenttest.Exchange {
			return &exchange{HTTPExchange: x, stream: strings.Contains(x.R.URL.RawQuery, "stream=true")}
		})
		c.Stream, c.Token = mode, s.Secret
		c.Headers = map[string]channels.Secret{"X-Proxy-Auth": "Basic " + s.Secret}
		a, err := c.Open(agents.Env{Log: s.Log, Timeout: rasa.Type().Timeout})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = a.(*rasa.Agent).Close(context.Background()) })
		return a
	}
	return agenttest.Peer{Open: open, NoDeltas: true, Collects: mode == rasa.ModeNever}
}

var _ agenttest.Exchange = (*exchange)(nil)
