package openai_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/agents/agenttest"
	"github.com/manyvox/manyvox/agents/openai"
	"github.com/manyvox/manyvox/channels"
)

func TestContract(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fake func() *fake
		peer agenttest.Peer
	}{
		"streams": {func() *fake { return &fake{answer: says("Hel", "lo", " there.")} }, peer(false)},
		"at once": {func() *fake {
			return &fake{answer: raw("application/json", `{"choices":[{"index":0,"message":{"content":"Hello"},"finish_reason":"stop"}]}`)}
		}, peer(true)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			agenttest.Contract(t, func(t *testing.T) agents.Agent { return onLoopback(t, c.fake()).agent }, c.peer)
		})
	}
}

// TestStream hands each piece on before the next is written, and completes them by a reply.
func TestStream(t *testing.T) {
	t.Parallel()
	shown := make(chan struct{})
	h := onLoopback(t, &fake{answer: func(w http.ResponseWriter, r *http.Request) {
		begin(w)
		send(w, text("**Hel"))
		select {
		case <-shown:
			send(w, text("lo**\n\n"), text("Bye."))
			send(w, finish("stop")...)
		case <-r.Context().Done():
		}
	}})
	rec := &agenttest.Recorder{Shows: true, OnDelta: func(piece string) error {
		if piece == "**Hel" {
			close(shown)
		}
		return nil
	}}
	if err := h.ask(t, rec); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"**Hel", "lo**\n\n", "Bye."}, rec.Deltas); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	want := []channels.Reply{{Text: "**Hello**\n\nBye.", Format: channels.FormatMarkdown}}
	if diff := cmp.Diff(want, rec.Replies); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestFormat gives the pieces in the format of the reply.
func TestFormat(t *testing.T) {
	t.Parallel()
	h := onLoopback(t, &fake{answer: says("a", "b")})
	turn := agenttest.Turn("ann", "hi")
	turn.Live = true
	var rec formatRecorder
	if err := h.agent.Answer(t.Context(), turn, &rec); err != nil {
		t.Fatal(err)
	}
	want := []channels.Format{channels.FormatMarkdown, channels.FormatMarkdown, channels.FormatMarkdown}
	if diff := cmp.Diff(want, rec.formats); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// formatRecorder keeps the formats of pieces and replies.
type formatRecorder struct {
	agenttest.Recorder
	formats []channels.Format
}

func (f *formatRecorder) DeltaIn(_ context.Context, format channels.Format, _ string) error {
	f.formats = append(f.formats, format)
	return nil
}

func (f *formatRecorder) Reply(_ context.Context, r channels.Reply) error {
	f.formats = append(f.formats, r.Format)
	return nil
}

var _ channels.FormatReplier = (*formatRecorder)(nil)

// TestReuse has a second turn use the first one's connection.
func TestReuse(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	from := map[string]bool{}
	h := onLoopback(t, &fake{answer: func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		from[r.RemoteAddr] = true
		mu.Unlock()
		says("x")(w, r)
	}})
	for range 3 {
		if err := h.ask(t, &agenttest.Recorder{}); err != nil {
			t.Fatal(err)
		}
	}
	if len(from) != 1 {
		t.Errorf("%d connections for three turns", len(from))
	}
}

func TestRequest(t *testing.T) {
	t.Parallel()
	message := channels.Message{Channel: "sales", Sender: "ann", Text: `<"hi">`, InputChannel: "slack"}
	const messages = `"messages":[{"role":"user","content":"<\"hi\">"}],`
	const user = `"user":"HASH"`
	for _, c := range []struct {
		name      string
		change    change
		uri, body string
	}{
		{
			"plain", func(*openai.Config) {}, "POST /v1/chat/completions?q=qu3ry+s3cr3t%26",
			`{` + messages + `"model":"m","stream":true,"stream_options":{"include_usage":true},` + user + `}`,
		},
		{
			"parameters", func(c *openai.Config) {
				c.Parameters = map[string]json.RawMessage{
					"temperature": json.RawMessage(`0.20`), "response_format": json.RawMessage(`{"type":"text"}`),
					"stream_options": nil, "user": json.RawMessage(`"all"`),
				}
			}, "POST /v1/chat/completions?q=qu3ry+s3cr3t%26",
			`{` + messages + `"model":"m","response_format":{"type":"text"},"stream":true,"temperature":0.20,"user":"all"}`,
		},
		{
			"a path and no query", func(c *openai.Config) {
				c.BaseURL += "/openai/deployments/my%20bot/"
				c.Query = nil
			}, "POST /v1/openai/deployments/my%20bot/chat/completions",
			`{` + messages + `"model":"m","stream":true,"stream_options":{"include_usage":true},` + user + `}`,
		},
		{
			"a prompt", func(c *openai.Config) { c.System = "You are on {{channel}}." }, "POST /v1/chat/completions?q=qu3ry+s3cr3t%26",
			`{"messages":[{"role":"system","content":"You are on sales."},{"role":"user","content":"<\"hi\">"}],` +
				`"model":"m","stream":true,"stream_options":{"include_usage":true},` + user + `}`,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := &fake{answer: says("x")}
			h := onLoopback(t, f, c.change)
			if err := h.answer(t, agents.Turn{Message: message, Hops: "p1"}, &agenttest.Recorder{}); err != nil {
				t.Fatal(err)
			}
			got := f.seen()[0]
			body := regexp.MustCompile(`"user":"[0-9a-f]{32}"`).ReplaceAllString(got.body, `"user":"HASH"`)
			if diff := cmp.Diff([]string{c.uri, c.body}, []string{got.uri, body}); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			want := []string{"Bearer " + apiKey, header, "p1", "manyvox"}
			h2 := []string{got.header.Get("Authorization"), got.header.Get("X-Proxy-Auth"), got.header.Get("Manyvox-Hops"), got.header.Get("User-Agent")}
			if diff := cmp.Diff(want, h2); diff != "" {
				t.Errorf("headers: -want +got:\n%s", diff)
			}
		})
	}
}

// TestUser names conversations apart, always alike, and does not name the sender.
func TestUser(t *testing.T) {
	t.Parallel()
	f := &fake{answer: says("x")}
	h := onLoopback(t, f)
	other := onLoopback(t, f, func(c *openai.Config) { c.APIKey = "another" })
	for _, m := range []channels.Message{
		{Channel: "a", Sender: "+15550100"}, {Channel: "a", Sender: "+15550100"}, {Channel: "b", Sender: "+15550100"}, {Channel: "a", Sender: "+15550101"},
	} {
		if err := h.answer(t, agents.Turn{Message: m}, &agenttest.Recorder{}); err != nil {
			t.Fatal(err)
		}
	}
	if err := other.answer(t, agents.Turn{Message: channels.Message{Channel: "a", Sender: "+15550100"}}, &agenttest.Recorder{}); err != nil {
		t.Fatal(err)
	}
	users := map[string]int{}
	for _, r := range f.seen() {
		users[r.key("user")]++
		if strings.Contains(r.body, "5550100") {
			t.Errorf("the request names the sender: %s", r.body)
		}
	}
	if len(users) != 4 || users[f.seen()[0].key("user")] != 2 {
		t.Errorf("users %v", users)
	}
}

func TestHistory(t *testing.T) {
	t.Parallel()
	history := record{
		assistant("Welcome."), user("one"), assistant("uno"), user("two"), assistant("dos"), assistant("!", "?"), user(""), user("three"),
	}
	for _, c := range []struct {
		name   string
		window openai.Window
		want   string
	}{
		{
			"all", openai.Window{Turns: 20, Characters: 20_000},
			`[["assistant","Welcome."],["user","one"],["assistant","uno"],["user","two"],["assistant","dos\n\n!\n\n?"],["user","three\n\nhi"]]`,
		},
		{"two turns", openai.Window{Turns: 2, Characters: 20_000}, `[["user","two"],["assistant","dos\n\n!\n\n?"],["user","three\n\nhi"]]`},
		{"as many characters as two turns have", openai.Window{Turns: 20, Characters: 15}, `[["user","two"],["assistant","dos\n\n!\n\n?"],["user","three\n\nhi"]]`},
		{"one fewer", openai.Window{Turns: 20, Characters: 14}, `[["user","three\n\nhi"]]`},
		{"no turns", openai.Window{Turns: 0, Characters: 20_000}, `[["user","hi"]]`},
		{"no characters", openai.Window{Turns: 20, Characters: 0}, `[["user","hi"]]`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := &fake{answer: says("x")}
			h := onLoopback(t, f, func(conf *openai.Config) { conf.History = c.window })
			turn := agenttest.Turn("ann", "hi")
			turn.Record = history
			if err := h.answer(t, turn, &agenttest.Recorder{}); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, pairs(f.seen()[0].key("messages"))); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// pairs shortens messages to role and text.
func pairs(messages string) string {
	var list []struct{ Role, Content string }
	_ = json.Unmarshal([]byte(messages), &list)
	short := [][2]string{}
	for _, m := range list {
		short = append(short, [2]string{m.Role, m.Content})
	}
	b, _ := json.Marshal(short)
	return string(b)
}

// TestShown has what is no text in the history in words.
func TestShown(t *testing.T) {
	t.Parallel()
	f := &fake{answer: says("x")}
	turn := agenttest.Turn("ann", "hi")
	turn.Record = record{
		{Kind: channels.EventMessage, Message: &channels.Message{Text: "look", Attachments: []channels.Attachment{{Type: "image", Name: "a\"b.png"}, {}}}},
		{Kind: channels.EventReply, Replies: []channels.Reply{
			{Text: "Do you?", Buttons: []channels.Button{{Title: "Yes"}, {Title: "No"}}},
			{Image: "data:image/png;base64,AAAA"}, {Image: "https://x.test/y.png"},
			{Custom: json.RawMessage(`{"a":"` + strings.Repeat("é", 300) + `"}`)},
			{Attachment: json.RawMessage(`{}`)}, {Elements: []channels.Element{{Title: "Card"}}},
		}},
		{Kind: channels.EventMessage},
	}
	if err := onLoopback(t, f).answer(t, turn, &agenttest.Recorder{}); err != nil {
		t.Fatal(err)
	}
	want := `[["user","look\n\n[image \"a\\\"b.png\": sent earlier]\n\n[file: sent earlier]"],` +
		`["assistant","Do you?\n\n[buttons: Yes | No]\n\n[an image]\n\n[image: https://x.test/y.png]\n\n` +
		`[custom: {\"a\":\"` + strings.Repeat("é", 247) + `…]\n\n[an attachment]\n\n[card: Card]"],["user","hi"]]`
	if diff := cmp.Diff(want, pairs(f.seen()[0].key("messages"))); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestHistoryFails does not reach the model.
func TestHistoryFails(t *testing.T) {
	t.Parallel()
	f := &fake{answer: says("x")}
	turn := agenttest.Turn("ann", "hi")
	turn.Record = brokenRecord{}
	err := onLoopback(t, f).answer(t, turn, &agenttest.Recorder{})
	expect(t, err, channels.CodeUnavailable, "agent openai: the history of the conversation cannot be read")
	if !agents.IsNotReached(err) || len(f.seen()) != 0 {
		t.Errorf("error %v, %d requests", err, len(f.seen()))
	}
}

type brokenRecord struct{}

func (brokenRecord) History(context.Context, int) ([]channels.Event, error) {
	return nil, errors.New("no journal")
}
