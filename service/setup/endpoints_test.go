package setup_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/agents/echo"
	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/config"
	"github.com/manyvox/manyvox/service/journal"
	stores "github.com/manyvox/manyvox/service/journal/builtin"
	"github.com/manyvox/manyvox/service/setup"
)

// hosted is an agent type with a required key, a timeout and a repeat of its own and a
// warning about the channels it serves.
func hosted() agents.Type {
	return agents.Type{Name: "hosted", Timeout: 7 * time.Second, Repeat: agents.RepeatCrash, New: func() agents.Config { return &hostedConfig{} }}
}

type hostedConfig struct {
	Model string          `yaml:"model"`
	Key   channels.Secret `yaml:"key"`
}

func (c *hostedConfig) Validate() error {
	if c.Model == "" {
		return errors.New("model is required")
	}
	return nil
}

func (c *hostedConfig) Open(env agents.Env) (agents.Agent, error) {
	if c.Model == "gone" {
		return nil, errors.New("model: not found")
	}
	return agents.Func(func(ctx context.Context, _ agents.Turn, r channels.Replier) error {
		return r.Reply(ctx, channels.Reply{Text: env.Timeout.String()})
	}), nil
}

func (c *hostedConfig) Check(names []string) []string {
	return []string{"the hosted agent does not know " + strings.Join(names, " and ")}
}

// loadEndpoints returns what is in an endpoints.yml, one line each, or the error.
func loadEndpoints(t *testing.T, file string) string {
	t.Helper()
	block, err := config.Parse("endpoints.yml", []byte(file), nil)
	if err != nil {
		t.Fatal(err)
	}
	e, err := setup.LoadEndpoints(block, []agents.Type{echo.Type(), hosted()}, stores.Types(), slog.New(slog.DiscardHandler))
	if err != nil {
		return err.Error()
	}
	l := e.Limits
	lines := []string{
		fmt.Sprintf("%s, %v", e.Default().Type, e.Default().Timeout),
		fmt.Sprintf("limits %d %d %d %d", l.Asks, l.AsksPerConversation, l.Sender, l.Text),
		"store " + e.StoreType,
	}
	if e.Default().Repeat != agents.RepeatAlways {
		lines = append(lines, fmt.Sprintf("repeat %v", e.Default().Repeat))
	}
	if e.Default().OnFailure != "" {
		lines = append(lines, "on_failure "+e.Default().OnFailure)
	}
	if e.Retention != journal.DefaultRetention {
		lines = append(lines, fmt.Sprintf("retention %v", e.Retention))
	}
	lines = append(lines, e.Check([]string{"rest", "sales"})...)
	lines = append(lines, e.Warnings...)
	return strings.Join(append(lines, e.Notes...), "\n")
}

// echoAnswers is the warning of a file without an agent.
const echoAnswers = `
endpoints.yml:1: no "agent:": the echo agent answers. For an assistant of Rasa's add
agent:
  type: rasa
  url: http://localhost:5006  # where "rasa run" listens; both default to port 5005`

// ignored are the notes about keys from line 2 on, each with the end of the line before.
func ignored(keys ...string) (notes []string) {
	for i, key := range keys {
		notes = append(notes, fmt.Sprintf("\nendpoints.yml:%d: %s: ignored: it is for the Rasa server", i+2, key))
	}
	return notes
}

// TestEdge08_04Endpoints: Rasa's own files are read, whole or all comments.
func TestEdge08_04Endpoints(t *testing.T) {
	t.Parallel()
	const limits, warning = "\nlimits 10000 100 256 65536\nstore sqlite", "\nthe hosted agent does not know rest and sales"
	for _, c := range []struct{ name, file, want string }{
		{"a type", "agent: {type: echo}", "echo, 2m0s" + limits},
		{"its keys", "agent: {type: echo, pause: 1s}", "echo, 2m0s" + limits},
		{"a timeout", "agent: {type: echo, timeout: 30s}", "echo, 30s" + limits},
		{"the type's own timeout, repeat and check", "agent: {type: hosted, model: small}", "hosted, 7s" + limits + "\nrepeat crash" + warning},
		{"a repeat", "agent: {type: echo, repeat: never}", "echo, 2m0s" + limits + "\nrepeat never"},
		{"a repeat that the type has not", "agent: {type: hosted, model: small, repeat: always}", "hosted, 7s" + limits + warning},
		{"a sentence for failures", "agent: {type: echo, on_failure: sorry}", "echo, 2m0s" + limits + "\non_failure sorry"},
		{"an unknown repeat", "agent:\n  type: echo\n  repeat: once\n", `endpoints.yml:3: agent echo: repeat: expected "always", "crash" or "never"`},
		{"limits", "agent: {type: echo}\nlimits: {asks: 1, asks_per_conversation: 2, sender: 3, text: 4}", "echo, 2m0s\nlimits 1 2 3 4\nstore sqlite"},
		{"some limits", "agent: {type: echo}\nlimits:\n  text: 4\n", "echo, 2m0s\nlimits 10000 100 256 4\nstore sqlite"},
		{"a store", "agent: {type: echo}\nstore: {type: memory}\n", "echo, 2m0s" + strings.Replace(limits, "sqlite", "memory", 1)},
		{"a retention", "agent: {type: echo}\nstore: {retention: 720h5m}\n", "echo, 2m0s" + limits + "\nretention 720h5m0s"},
		{"no texts", "agent: {type: echo}\nstore:\n  type: memory\n  retention: 0s\n", "echo, 2m0s" + strings.Replace(limits, "sqlite", "memory", 1) + "\nretention 0s"},
		{"less than nothing", "agent: {type: echo}\nstore:\n  retention: -1h\n", "endpoints.yml:3: store sqlite: retention: expected 0 or more"},
		{"no unit of retention", "agent: {type: echo}\nstore:\n  retention: 30d\n", `endpoints.yml:3: store sqlite: retention: expected a duration such as "30s" or "5m"`},
		{"dead letters kept for no time", "agent: {type: echo}\nstore:\n  dead_letter_retention: 0s\n", "endpoints.yml:3: store sqlite: dead_letter_retention: expected more than 0"},
		{"a slip in the store", "agent: {type: echo}\nstore: {type: sqlit}\n", `endpoints.yml:2: store: unknown type "sqlit": did you mean "sqlite"?`},
		{"a key of a store that has none", "agent: {type: echo}\nstore: {type: sqlite, path: x}\n", `endpoints.yml:2: store sqlite: unknown key "path": known are dead_letter_retention, retention, type`},
		{
			"Rasa's keys beside ours", "nlg: {url: x}\nagent: {type: echo}\ntracker_store:\n  type: SQL\n",
			"echo, 2m0s" + limits + `
endpoints.yml:1: nlg: ignored: it is for the Rasa server
endpoints.yml:3: tracker_store: ignored: it is for the Rasa server`,
		},
		{
			"Rasa's keys only", "action_endpoint:\n  url: http://localhost:5055/webhook\nmodels:\n",
			`endpoints.yml:1: no "agent:": this is Rasa's own file. Add who answers, for example
agent:
  type: rasa
  url: http://localhost:5006  # where "rasa run" listens; both default to port 5005`,
		},
		{"newer keys of Rasa's beside ours", "agent: {type: echo}\nmodel_groups: []\nvector_store: {}\nsecrets_manager: {}\ntracing: {}\nmetrics: {}\nsilence_handling: {}\n", "echo, 2m0s" + limits + strings.Join(ignored("model_groups", "vector_store", "secrets_manager", "tracing", "metrics", "silence_handling"), "")},
		{"comments only", "# action_endpoint:\n#   url: http://localhost:5055/webhook\n", "echo, 2m0s" + limits + echoAnswers},
		{"an empty file", "", "echo, 2m0s" + limits + echoAnswers},
		{"limits only", "limits: {text: 4}", "echo, 2m0s\nlimits 10000 100 256 4\nstore sqlite" + echoAnswers},
		{"a store only", "store: {type: memory}", "echo, 2m0s" + strings.Replace(limits, "sqlite", "memory", 1) + echoAnswers},
		{"an agent without a type", "limits:\nagent:\n  pause: 1s\n", `endpoints.yml:2: agent: "type:" is missing: there are: echo, hosted`},
		{"an agent that is no block", "agent: echo\n", "endpoints.yml:1: agent: expected keys under it, or nothing"},
		{"a slip in the type", "agent:\n  type: ecco\n", `endpoints.yml:2: agent: unknown type "ecco": did you mean "echo"?`},
		{"an unknown type", "agent:\n  type: weather\n", `endpoints.yml:2: agent: unknown type "weather": there are: echo, hosted`},
		{"an unknown key of the agent", "agent:\n  type: echo\n  pauses: 1s\n", `endpoints.yml:3: agent echo: unknown key "pauses": did you mean "pause"?`},
		{"a wrong value of the agent's", "agent:\n  type: echo\n  pause: -1s\n", "endpoints.yml:3: agent echo: pause: expected 0 or more"},
		{"a missing key of the agent's", "agent:\n  type: hosted\n", "endpoints.yml:1: agent hosted: model is required"},
		{"an agent that does not open", "agent:\n  type: hosted\n  model: gone\n", "endpoints.yml:3: agent hosted: model: not found"},
		{"no time", "agent:\n  type: echo\n  timeout: 0s\n", "endpoints.yml:3: agent echo: timeout: expected more than 0"},
		{"no unit", "agent:\n  type: echo\n  timeout: 30\n", `endpoints.yml:3: agent echo: timeout: expected a duration such as "30s" or "5m"`},
		{"a slip of a key", "agnet: {type: echo}\n", `endpoints.yml:1: unknown key "agnet": did you mean "agent"?`},
		{"a slip of Rasa's key", "agent: {type: echo}\ntracker_stroe:\n", `endpoints.yml:2: unknown key "tracker_stroe": did you mean "tracker_store"?`},
		{"an unknown key", "agent: {type: echo}\nweather: sunny\n", `endpoints.yml:2: unknown key "weather": known are agent, agents, routes, default, store, limits, chat`},
		{
			"all that is wrong, at once", "wether:\nlimits:\n  asks: many\n  txt: 1\nagent:\n  type: hosted\n  modell: x\n",
			`endpoints.yml:1: unknown key "wether": known are agent, agents, routes, default, store, limits, chat
endpoints.yml:3: limits: asks: expected a whole number
endpoints.yml:4: limits: unknown key "txt": did you mean "text"?
endpoints.yml:7: agent hosted: unknown key "modell": did you mean "model"?`,
		},
		{"a limit of nothing", "agent: {type: echo}\nlimits:\n  text: 0\n", "endpoints.yml:3: limits: text: expected a positive number"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, loadEndpoints(t, c.file)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestEndpointsGiveTheAgentItsTimeout(t *testing.T) {
	t.Parallel()
	block, err := config.Parse("endpoints.yml", []byte("agent: {type: hosted, model: small, timeout: 9s}"), nil)
	if err != nil {
		t.Fatal(err)
	}
	e, err := setup.LoadEndpoints(block, []agents.Type{hosted()}, stores.Types(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	var got channels.Collector
	err = e.Default().Answer(t.Context(), agents.Turn{Message: channels.Message{Text: "how long?"}}, &got)
	if err != nil || len(got.Replies) != 1 || got.Replies[0].Text != "9s" {
		t.Errorf("replies %v, %v, want 9s", got.Replies, err)
	}
}

// Limits are reported in one order, whatever the order of a map.
func TestEndpointsLimitsInOrder(t *testing.T) {
	t.Parallel()
	const file = "agent: {type: echo}\nlimits:\n  asks: 0\n  asks_per_conversation: -1\n  sender: 0\n  text: 0\n"
	const want = `endpoints.yml:3: limits: asks: expected a positive number
endpoints.yml:4: limits: asks_per_conversation: expected a positive number
endpoints.yml:5: limits: sender: expected a positive number
endpoints.yml:6: limits: text: expected a positive number`
	for range 20 {
		if diff := cmp.Diff(want, loadEndpoints(t, file)); diff != "" {
			t.Fatalf("(-want +got):\n%s", diff)
		}
	}
}

// TestTypeOnFailure: a type's sentence for failures holds unless the block has another, or none.
func TestTypeOnFailure(t *testing.T) {
	t.Parallel()
	sorry := echo.Type()
	sorry.OnFailure = "pardon"
	for file, want := range map[string]string{
		"agent: {type: echo}": "pardon", "agent: {type: echo, on_failure: sorry}": "sorry", `agent: {type: echo, on_failure: ""}`: "",
	} {
		block, err := config.Parse("endpoints.yml", []byte(file), nil)
		if err != nil {
			t.Fatal(err)
		}
		e, err := setup.LoadEndpoints(block, []agents.Type{sorry}, stores.Types(), slog.New(slog.DiscardHandler))
		if err != nil || e.Default().OnFailure != want {
			t.Errorf("%s: %q, %v, want %q", file, e.Default().OnFailure, err, want)
		}
	}
}
