package agents_test

import (
	"encoding/json"
	"testing"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
)

func TestRoute(t *testing.T) {
	t.Parallel()
	router := agents.Router{
		Routes: []agents.Route{
			{Channel: "sales", Metadata: map[string]any{"vip": true}, Agent: "person"},
			{Channel: "sales", Agent: "seller"},
			{InputChannel: "phone", Agent: "voice"},
			{Metadata: map[string]any{"lang": "de", "level": 2.0}, Agent: "german"},
			{Metadata: map[string]any{"gone": nil}, Agent: "lost"},
		},
		OfChannel: map[string]string{"telegram": "model"},
		Default:   "rasa",
	}
	for name, c := range map[string]struct {
		channel, inputChannel, metadata, want string
	}{
		"nothing matches":                        {channel: "rest", want: "rasa"},
		"the channel":                            {channel: "sales", want: "seller"},
		"the first of two that match":            {channel: "sales", metadata: `{"vip":true}`, want: "person"},
		"a text is no boolean":                   {channel: "sales", metadata: `{"vip":"true"}`, want: "seller"},
		"the value on another channel":           {channel: "rest", metadata: `{"vip":true}`, want: "rasa"},
		"the input channel":                      {channel: "rest", inputChannel: "phone", want: "voice"},
		"all of the values":                      {channel: "rest", metadata: `{"x":[],"level":2,"lang":"de"}`, want: "german"},
		"a number in another form":               {channel: "rest", metadata: `{"level":2.0e0,"lang":"de"}`, want: "german"},
		"one of the values":                      {channel: "rest", metadata: `{"lang":"de"}`, want: "rasa"},
		"an object in place of a value":          {channel: "rest", metadata: `{"lang":{"de":1},"level":2}`, want: "rasa"},
		"a list in place of a value":             {channel: "rest", metadata: `{"lang":["de"],"level":2}`, want: "rasa"},
		"null":                                   {channel: "rest", metadata: `{"gone":null}`, want: "lost"},
		"no null":                                {channel: "rest", metadata: `{"gone":0}`, want: "rasa"},
		"metadata that is no object":             {channel: "rest", metadata: `["lang","de"]`, want: "rasa"},
		"the agent of the channel's block":       {channel: "telegram", want: "model"},
		"a route comes before the channel's own": {channel: "telegram", inputChannel: "phone", want: "voice"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := channels.Message{Channel: c.channel, InputChannel: c.inputChannel, Metadata: json.RawMessage(c.metadata)}
			if got := router.Route(&m); got != c.want {
				t.Errorf("%q answers, want %q", got, c.want)
			}
			if got := router.Route(&m); got != c.want || string(m.Metadata) != c.metadata {
				t.Errorf("asked again: %q answers, the metadata are %s", got, m.Metadata)
			}
		})
	}
}

func TestRouteCovers(t *testing.T) {
	t.Parallel()
	vip := map[string]any{"vip": true}
	for name, c := range map[string]struct {
		route, other agents.Route
		want         bool
	}{
		"everything":                    {agents.Route{}, agents.Route{Channel: "rest"}, true},
		"the same":                      {agents.Route{Channel: "rest", Metadata: vip}, agents.Route{Channel: "rest", Metadata: vip}, true},
		"one that asks for more":        {agents.Route{Channel: "rest"}, agents.Route{Channel: "rest", Metadata: vip}, true},
		"one that asks for less":        {agents.Route{Channel: "rest", Metadata: vip}, agents.Route{Channel: "rest"}, false},
		"another channel":               {agents.Route{Channel: "rest"}, agents.Route{Channel: "sales"}, false},
		"another input channel":         {agents.Route{InputChannel: "a"}, agents.Route{InputChannel: "b"}, false},
		"another value":                 {agents.Route{Metadata: vip}, agents.Route{Metadata: map[string]any{"vip": false}}, false},
		"everything that has no bounds": {agents.Route{Channel: "rest"}, agents.Route{}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := c.route.Covers(&c.other); got != c.want {
				t.Errorf("covers: %v, want %v", got, c.want)
			}
		})
	}
}
