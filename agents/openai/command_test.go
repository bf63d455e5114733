package openai_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/agents/agenttest"
	"github.com/manyvox/manyvox/agents/openai"
	"github.com/manyvox/manyvox/channels"
)

func TestCommands(t *testing.T) {
	t.Parallel()
	greets := func(c *openai.Config) { c.Greeting = "I am *Bo*." }
	for _, c := range []struct {
		name   string
		change change
		text   string
		want   string // nothing when the model is asked
	}{
		{"a greeting", greets, "/start", "I am *Bo*."},
		{"a greeting with what the link said", greets, "/start abc", "I am *Bo*."},
		{"another word", greets, "/started", ""},
		{"within a text", greets, "say /start", ""},
		{"no greeting", func(*openai.Config) {}, "/start", ""},
		{"a reset", greets, "/new", "Let us start afresh."},
		{"a reset in capitals", greets, " /NEW ", "Let us start afresh."},
		{"a reset of one's own", func(c *openai.Config) { c.Reset, c.ResetReply = "forget", "Gone." }, "Forget", "Gone."},
		{"not that of others", func(c *openai.Config) { c.Reset = "forget" }, "/new", ""},
		{"a reset with more", greets, "/new house", ""},
		{"no reset", func(c *openai.Config) { c.Reset = "" }, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f, rec := &fake{answer: says("the model")}, &agenttest.Recorder{}
			if err := onLoopback(t, f, c.change).answer(t, agenttest.Turn("ann", c.text), rec); err != nil {
				t.Fatal(err)
			}
			want := channels.Reply{Text: c.want, Format: channels.FormatMarkdown}
			if c.want == "" {
				want.Text = "the model"
			}
			if diff := cmp.Diff([]channels.Reply{want}, rec.Replies); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if asked := len(f.seen()) == 1; asked != (c.want == "") {
				t.Errorf("the model was asked: %v", asked)
			}
		})
	}
}

// TestSinceReset sends nothing of what was said before the last reset.
func TestSinceReset(t *testing.T) {
	t.Parallel()
	of := func(id string, e channels.Event) channels.Event { e.MessageID = id; return e }
	for _, c := range []struct {
		name    string
		history record
		want    string
	}{
		{"none", record{user("a"), assistant("b")}, `[["user","a"],["assistant","b"],["user","hi"]]`},
		{"one", record{user("a"), assistant("b"), of("1", user("/new")), of("1", assistant("Afresh.")), user("c"), assistant("d")}, `[["user","c"],["assistant","d"],["user","hi"]]`},
		{"two", record{of("1", user("/new")), of("1", assistant("x")), user("a"), of("2", user(" /New")), of("2", assistant("x"))}, `[["user","hi"]]`},
		{"what was said since without a message", record{of("1", user("/new")), of("1", assistant("x")), of("", assistant("Your bread is ready."))}, `[["assistant","Your bread is ready."],["user","hi"]]`},
		{"said by the assistant", record{user("a"), assistant("/new")}, `[["user","a"],["assistant","/new"],["user","hi"]]`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f, turn := &fake{answer: says("x")}, agenttest.Turn("ann", "hi")
			turn.Record = c.history
			if err := onLoopback(t, f).answer(t, turn, &agenttest.Recorder{}); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, pairs(f.seen()[0].key("messages"))); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
