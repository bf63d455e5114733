package setup_test

import (
	"log/slog"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/agents/echo"
	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/channels/rest"
	"github.com/manyvox/manyvox/config"
	stores "github.com/manyvox/manyvox/service/journal/builtin"
	"github.com/manyvox/manyvox/service/setup"
)

// loadRouting loads both files.
func loadRouting(t *testing.T, credentials, endpoints string) (*setup.Endpoints, error) {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	file, err := config.Parse("credentials.yml", []byte(credentials), nil)
	if err != nil {
		t.Fatal(err)
	}
	c, err := setup.LoadCredentials(file, []channels.Type{rest.Type()}, "", log)
	if err != nil {
		t.Fatal(err)
	}
	if file, err = config.Parse("endpoints.yml", []byte(endpoints), nil); err != nil {
		t.Fatal(err)
	}
	e, err := setup.LoadEndpoints(file, []agents.Type{echo.Type(), hosted()}, stores.Types(), log)
	if err != nil {
		return nil, err
	}
	return e, e.RouteChannels(c, false)
}

func TestRouting(t *testing.T) {
	t.Parallel()
	e, err := loadRouting(t, "rest:\nsales: {type: rest, agent: b}\n", `agents:
  a: {type: echo, fallback: b}
  b: {type: hosted, model: small, concurrency: 3}
  c: {type: echo}
routes:
  - {channel: rest, metadata: {vip: yes, level: 2, tag: "2"}, agent: b}
  - {input_channel: phone, agent: a}
default: a
`)
	if err != nil {
		t.Fatal(err)
	}
	want := agents.Router{
		Routes: []agents.Route{
			{Channel: "rest", Metadata: map[string]any{"vip": "yes", "level": 2.0, "tag": "2"}, Agent: "b"},
			{InputChannel: "phone", Agent: "a"},
		},
		OfChannel: map[string]string{"sales": "b"}, Default: "a",
	}
	if diff := cmp.Diff(want, e.Router); diff != "" {
		t.Errorf("router (-want +got):\n%s", diff)
	}
	if e.Agents[0].Fallback != "b" || e.Agents[1].Concurrency != 3 || e.Agents[1].Name != "b" || e.Agents[1].Type != "hosted" {
		t.Errorf("agents %+v, %+v", e.Agents[0], e.Agents[1])
	}
	unused := []string{`endpoints.yml:4: agent c: answers nothing: no route, "default:", "fallback:" or channel names it`}
	if diff := cmp.Diff(unused, e.Warnings); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
}

func TestRoutingMistakes(t *testing.T) {
	t.Parallel()
	const two = "agents:\n  a: {type: echo}\n  b: {type: echo}\ndefault: a\n"
	for name, c := range map[string]struct{ credentials, endpoints, want string }{
		"both manners":            {endpoints: "agent: {type: echo}\nagents: {a: {type: echo}}\n", want: `endpoints.yml:2: both "agent:" and "agents:": move the block`},
		"routes of one agent":     {endpoints: "agent: {type: echo}\nroutes: []\n", want: `endpoints.yml:2: routes: chooses among several agents`},
		"a fallback of one agent": {endpoints: "agent:\n  type: echo\n  fallback: b\n", want: `endpoints.yml:3: agent echo: fallback: needs another agent`},
		"no agents":               {endpoints: "agents:\n", want: `endpoints.yml:1: agents: expected at least one`},
		"no default":              {endpoints: "agents: {a: {type: echo}, b: {type: echo}}\n", want: `endpoints.yml:1: no "default:": add "default: a"`},
		"an unknown default":      {endpoints: "agents: {a: {type: echo}}\ndefault: x\n", want: `endpoints.yml:2: default: no agent "x"`},
		"an unknown type":         {endpoints: "agents:\n  a: {type: ecco}\n", want: `endpoints.yml:2: agent a: unknown type "ecco": did you mean "echo"?`},
		"no concurrency":          {endpoints: "agents:\n  a:\n    type: echo\n    concurrency: 0\n", want: `endpoints.yml:4: agent a: concurrency: expected more than 0`},
		"an unknown fallback":     {endpoints: "agents:\n  main: {type: echo, fallback: mian}\n", want: `endpoints.yml:2: agent main: fallback: no agent "mian": did you mean "main"?`},
		"its own fallback":        {endpoints: "agents:\n  a: {type: echo, fallback: a}\n", want: `endpoints.yml:2: agent a: fallback: goes round in a circle (a -> a)`},
		"a loop of fallbacks": {
			endpoints: "agents:\n  x: {type: echo, fallback: a}\n  a: {type: echo, fallback: b}\n  b: {type: echo, fallback: a}\ndefault: a\n",
			want:      `endpoints.yml:3: agent a: fallback: goes round in a circle (a -> b -> a)`,
		},
		"a route without an agent":   {endpoints: two + "routes:\n  - {channel: rest}\n", want: `endpoints.yml:6: route: agent: is missing: there are: a, b`},
		"a route to nobody":          {endpoints: two + "routes:\n  - channel: rest\n    agent: weather\n", want: `endpoints.yml:7: route: agent: no agent "weather": there are: a, b`},
		"a slip in a route":          {endpoints: two + "routes:\n  - chanel: rest\n    agent: b\n", want: `endpoints.yml:6: route: unknown key "chanel": did you mean "channel"?`},
		"a route of no channel":      {endpoints: two + "routes:\n  - agent: b\n    channel: x\n", want: `endpoints.yml:7: route: channel: credentials.yml has no "x": there are: rest`},
		"metadata that are a list":   {endpoints: two + "routes:\n  - {agent: b, metadata: {x: [1]}}\n", want: `endpoints.yml:6: route: metadata: x: expected a text`},
		"routes that are no list":    {endpoints: two + "routes: {agent: b}\n", want: `endpoints.yml:5: routes: expected a list`},
		"a route that is no mapping": {endpoints: two + "routes: [b]\n", want: `endpoints.yml:5: routes[0]: expected keys under it`},
		"a route that never matches": {
			endpoints: two + "routes:\n  - {channel: rest, agent: b}\n  - {channel: rest, metadata: {vip: true}, agent: a}\n",
			want:      `endpoints.yml:7: route: it is never used: the one at endpoints.yml:6 matches all that it matches`,
		},
		"a channel's unknown agent": {
			credentials: "rest:\n  agent: weather\n", endpoints: two, want: `credentials.yml:2: channel rest: agent: endpoints.yml has no agent "weather": there are: a, b`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if c.credentials == "" {
				c.credentials = "rest:\n"
			}
			if _, err := loadRouting(t, c.credentials, c.endpoints); err == nil || !strings.HasPrefix(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("error %v\nwant %s", err, c.want)
			}
		})
	}
}
