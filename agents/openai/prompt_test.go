package openai_test

import (
	"encoding/json"
	"testing"
	"testing/synctest"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/agents/openai"
	"github.com/manyvox/manyvox/channels"
)

func TestPrompt(t *testing.T) {
	t.Parallel()
	turn := agents.Turn{
		Message: channels.Message{
			Channel: "sales", Sender: "{{channel}}", InputChannel: "web",
			Metadata: json.RawMessage(` {"language_code":"de","plan":"gold","n":1.0,"deep":{"a":[1],"none":null},"a.b":1} `),
		},
		Channel: agents.Channel{Type: "rest", Capabilities: []string{"rpc", "stream"}},
	}
	for _, c := range []struct{ name, prompt, want string }{
		{"none", "Be kind.", "Be kind."},
		{"of the turn", "{{channel}} {{channel_type}} {{ input_channel }} {{capabilities}}", "sales rest web rpc, stream"},
		{"what the sender wrote", "{{sender}}", "{{channel}}"},
		{"the locale", "{{locale}}", "de"},
		{"metadata", "{{metadata}}", string(turn.Message.Metadata)},
		{"a text of the metadata", "{{metadata.plan}}", "gold"},
		{"a number of the metadata", "{{metadata.n}}", "1.0"},
		{"an object of the metadata", "{{metadata.deep}}", `{"a":[1],"none":null}`},
		{"deeper", "{{metadata.deep.a}}{{metadata.deep.none}}", "[1]"},
		{"missing", "[{{metadata.x}}{{metadata.deep.x.y}}{{metadata.plan.x}}]", "[]"},
		{"the date", "{{date}}", "2000-01-01"},
		{"single braces", `{"a": {"b": 1}}`, `{"a": {"b": 1}}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				if got := openai.Prompt(c.prompt).Fill(turn); got != c.want {
					t.Errorf("got %q, want %q", got, c.want)
				}
			})
		})
	}
}

// TestLocale takes the first key that there is.
func TestLocale(t *testing.T) {
	t.Parallel()
	for metadata, want := range map[string]string{
		``: "", `[]`: "", `{"lang":"a"}`: "a", `{"lang":"a","language":"b"}`: "b", `{"language_code":"c","language":"b"}`: "c",
		`{"language_code":"c","locale":"d"}`: "d", `{"locale":"","lang":"a"}`: "a", `{"from":{"id":1,"language_code":"e"}}`: "e",
	} {
		turn := agents.Turn{Message: channels.Message{Metadata: json.RawMessage(metadata)}}
		if got := openai.Prompt("{{locale}}").Fill(turn); got != want {
			t.Errorf("%s: got %q, want %q", metadata, got, want)
		}
	}
}
