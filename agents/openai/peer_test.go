package openai_test

import (
	"testing"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/agents/agenttest"
	"github.com/manyvox/manyvox/agents/openai"
	"github.com/manyvox/manyvox/channels"
)

// exchange is a turn of a server that streams its answer, or gives it as one object.
type exchange struct {
	*agenttest.HTTPExchange
	whole bool
	// begun says that something was sent; pieces, that it was pieces of a text; other, that it
	// was none of the API's.
	begun, pieces, other bool
}

func (x *exchange) Delta(piece string) {
	x.write(piece)
	x.pieces = true
}

func (x *exchange) Reply(whole string) {
	if !x.pieces { // else they have said it
		x.write(whole)
	}
	x.pieces = false
}

func (x *exchange) write(piece string) {
	switch {
	case !x.whole:
		x.event(text(piece))
		return
	case !x.begun:
		x.HTTPExchange.Raw(`{"choices":[{"message":{"content":"`)
	}
	x.begun = true
	escaped := quoted(piece)
	x.HTTPExchange.Raw(escaped[1 : len(escaped)-1])
}

func (x *exchange) Custom(custom string) {
	call := `"tool_calls":[{"index":0,"id":"c1","type":"function","function":{"name":"show_custom","arguments":` + quoted(`{"data":`+custom+`}`) + `}}]`
	if x.whole {
		x.HTTPExchange.Raw(`{"choices":[{"message":{` + call + `},"finish_reason":"tool_calls"}]}`)
		x.other = true
		return
	}
	x.event(delta(call))
}

// Raw stands for what other servers answer.
func (x *exchange) Raw(text string) {
	x.HTTPExchange.Raw(text)
	x.other = true
}

func (x *exchange) event(data string) {
	x.HTTPExchange.Raw("data: " + data + "\n\n")
	x.begun = true
}

func (x *exchange) End() {
	switch {
	case x.other:
	case !x.whole:
		for _, data := range finish("stop") {
			x.event(data)
		}
	case x.begun:
		x.HTTPExchange.Raw(`"},"finish_reason":"stop"}]}`)
	default:
		x.HTTPExchange.Raw(`{"choices":[{"message":{"content":null},"finish_reason":"stop"}]}`)
	}
}

// peer is a server that streams, or gives a whole answer although it was asked for a stream.
func peer(whole bool) agenttest.Peer {
	open := func(t *testing.T, s agenttest.Stage) agents.Agent {
		url := agenttest.ListenHTTP(t, s, func(x *agenttest.HTTPExchange) agenttest.Exchange {
			return &exchange{HTTPExchange: x, whole: whole}
		})
		c := configured(url+"/v1", func(c *openai.Config) {
			c.APIKey, c.Tools = s.Secret, true
			c.Headers = map[string]channels.Secret{"X-Proxy-Auth": "Basic " + s.Secret}
			c.Query = map[string]channels.Secret{"token": s.Secret}
		})
		a, err := c.Open(agents.Env{Log: s.Log, Timeout: openai.Type().Timeout})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = a.(*openai.Agent).Close(t.Context()) })
		return a
	}
	return agenttest.Peer{Open: open, OneText: true, Collects: whole, NoDeltas: whole}
}

var _ agenttest.Exchange = (*exchange)(nil)
