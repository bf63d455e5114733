package setup_test

import (
	"log/slog"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/agents/echo"
	"github.com/manyvox/manyvox/config"
	"github.com/manyvox/manyvox/service/instance"
	stores "github.com/manyvox/manyvox/service/journal/builtin"
	"github.com/manyvox/manyvox/service/setup"
)

func TestEdge08_21_ChatBlock(t *testing.T) {
	t.Parallel()
	own := instance.DefaultChatSettings()
	withSuggestions := func(list ...string) instance.ChatSettings {
		s := own
		s.Suggestions = list
		return s
	}
	for _, c := range []struct {
		name, file string
		want       instance.ChatSettings
	}{
		{"none, echo", "agent: {type: echo}\n", withSuggestions("Hello!", "What can you do?", "/help")},
		{"none, no agent", "store: {type: memory}\n", withSuggestions("Hello!", "What can you do?", "/help")},
		{"none, another agent", "agent: {type: hosted, model: m}\n", withSuggestions("Hello!", "What can you do?")},
		{"empty", "agent: {type: echo}\nchat:\n", withSuggestions("Hello!", "What can you do?", "/help")},
		{"no suggestions", "agent: {type: echo}\nchat: {suggestions: []}\n", withSuggestions()},
		{"a key without a value", "agent: {type: echo}\nchat:\n  title:\n  suggestions:\n", withSuggestions("Hello!", "What can you do?", "/help")},
		{
			"all", "agent: {type: echo}\nchat:\n  title: Ann\n  color: '#ABC'\n  greeting: |\n    Hi!\n    Ask me.\n  suggestions: [Where is it?, /start]\n",
			instance.ChatSettings{Title: "Ann", Color: "#aabbcc", Greeting: "Hi!\nAsk me.", Suggestions: []string{"Where is it?", "/start"}},
		},
		{"one suggestion", "agent: {type: echo}\nchat: {suggestions: Hi}\n", withSuggestions("Hi")},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			block, err := config.Parse("endpoints.yml", []byte(c.file), nil)
			if err != nil {
				t.Fatal(err)
			}
			e, err := setup.LoadEndpoints(block, []agents.Type{echo.Type(), hosted()}, stores.Types(), slog.New(slog.DiscardHandler))
			if err != nil {
				t.Fatal(err)
			}
			got := e.Chat
			got.Greeting = strings.TrimSpace(got.Greeting)
			if diff := cmp.Diff(c.want.Suggestions, append([]string{}, got.Suggestions...)); diff != "" && len(c.want.Suggestions)+len(got.Suggestions) > 0 {
				t.Errorf("suggestions (-want +got):\n%s", diff)
			}
			c.want.Suggestions, got.Suggestions = nil, nil
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestEdge08_21_ChatBlockMistakes(t *testing.T) {
	t.Parallel()
	const color = `chat: color: expected a colour in quotes, as "#rrggbb"`
	for _, c := range []struct{ name, chat, want string }{
		{"a word", "  color: teal\n", "endpoints.yml:3: " + color},
		{"a comment", "  title: Ann\n  color: #0f6b63\n", "endpoints.yml:4: " + color + "; quote one that begins with #"},
		{"a list", "  color: [1, 2]\n", "endpoints.yml:3: " + color + ": quote a value that begins with ["},
		{"no such key", "  colour: '#0f6b63'\n", `endpoints.yml:3: chat: unknown key "colour": did you mean "color"?`},
		{"empty title", "  title: ' '\n", "endpoints.yml:3: chat: title: expected a text"},
		{"long title", "  title: " + strings.Repeat("ä", 61) + "\n", "endpoints.yml:3: chat: title: 61 characters, more than the limit of 60"},
		{"title of two lines", "  title: \"a\\nb\"\n", "endpoints.yml:3: chat: title: expected a text of one line, without control characters"},
		{"long greeting", "  greeting: " + strings.Repeat("a", 1001) + "\n", "endpoints.yml:3: chat: greeting: 1001 characters, more than the limit of 1000"},
		{"many suggestions", "  suggestions: [1,2,3,4,5,6,7,8,9]\n", "endpoints.yml:3: chat: suggestions: 9 of them, more than the limit of 8"},
		{"empty suggestion", "  suggestions: [a, '']\n", "endpoints.yml:3: chat: suggestions: number 2: expected a text"},
		{"long suggestion", "  suggestions:\n    - " + strings.Repeat("a", 201) + "\n", "endpoints.yml:3: chat: suggestions: number 1: 201 characters, more than the limit of 200"},
		{"two mistakes", "  title: ''\n  greeting: ''\n", "endpoints.yml:3: chat: title: expected a text\nendpoints.yml:4: chat: greeting: expected a text"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, loadEndpoints(t, "agent: {type: echo}\nchat:\n"+c.chat)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	if got := loadEndpoints(t, "agent: {type: echo}\nchat: Ann\n"); got != "endpoints.yml:2: chat: expected keys under it, or nothing" {
		t.Errorf("a text: %s", got)
	}
}
