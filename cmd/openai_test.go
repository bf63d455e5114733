package cmd_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/agents/openai"
	"github.com/manyvox/manyvox/cmd"
	manyvoxv1 "github.com/manyvox/manyvox/gen/manyvox/v1"
	"github.com/manyvox/manyvox/gen/manyvox/v1/manyvoxv1connect"
)

// modelServer answers as a server of the Chat Completions API: "Yes, " at once, and the text of the
// last message once goOn is closed. It sends the messages of each request to messages.
func modelServer(t *testing.T, goOn <-chan struct{}) (url string, messages <-chan string) {
	t.Helper()
	got := make(chan string, 10)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var keys struct {
			Messages []struct{ Content any }
		}
		body, _ := io.ReadAll(r.Body)
		if err := json.Unmarshal(body, &keys); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		var raw struct{ Messages json.RawMessage }
		_ = json.Unmarshal(body, &raw) // was read before
		got <- string(raw.Messages)
		w.Header().Set("Content-Type", "text/event-stream")
		text, _ := keys.Messages[len(keys.Messages)-1].Content.(string)
		for _, piece := range []string{"Yes, ", "**" + text + "**"} {
			chunk, _ := json.Marshal(piece)
			_, _ = io.WriteString(w, `data: {"choices":[{"index":0,"delta":{"content":`+string(chunk)+"}}]}\n\n")
			_ = http.NewResponseController(w).Flush()
			select {
			case <-goOn:
			case <-r.Context().Done():
			}
		}
		_, _ = io.WriteString(w, `data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}`+"\n\ndata: [DONE]\n\n")
	}))
	t.Cleanup(s.Close)
	return s.URL, got
}

func startOpenAI(t *testing.T, url, keys string) *running {
	p := newProgram()
	p.Agents = append(p.Agents, openai.Type())
	return p.start(t, localFlags(t, "rest:\n", "agent: {type: openai, base_url: "+url+", model: m"+keys+"}\n")...)
}

// TestModelIsToldTheConversation has the journal's history reach the model, until the user begins
// afresh, and an image that was sent with a message.
func TestModelIsToldTheConversation(t *testing.T) {
	t.Parallel()
	goOn := make(chan struct{})
	close(goOn)
	url, messages := modelServer(t, goOn)
	r := startOpenAI(t, url, `, system: "You are on {{channel}}."`)
	const png = "\x89PNG\x0D\x0A\x1A\x0A a picture"
	image := base64.StdEncoding.EncodeToString([]byte(png))
	const system = `{"role":"system","content":"You are on rest."}`
	for _, c := range []struct{ body, answer, messages string }{
		{`{"sender":"ann","message":"one"}`, "Yes, **one**", `[` + system + `,{"role":"user","content":"one"}]`},
		{
			`{"sender":"ann","message":"two"}`, "Yes, **two**",
			`[` + system + `,{"role":"user","content":"one"},{"role":"assistant","content":"Yes, **one**"},{"role":"user","content":"two"}]`,
		},
		{`{"sender":"bob","message":"three"}`, "Yes, **three**", `[` + system + `,{"role":"user","content":"three"}]`},
		{`{"sender":"ann","message":"/new"}`, "Let us start afresh.", ""},
		{`{"sender":"ann","message":"four"}`, "Yes, **four**", `[` + system + `,{"role":"user","content":"four"}]`},
		{
			`{"sender":"cat","message":"look","attachments":[{"type":"image","content":"` + image + `"}]}`, "Yes, ****",
			`[` + system + `,{"role":"user","content":[{"type":"text","text":"look"},{"type":"image_url","image_url":{"url":"data:image/png;base64,` + image + `"}}]}]`,
		},
	} {
		res, got := r.post("", c.body)
		var replies []struct{ Text string }
		if err := json.Unmarshal([]byte(got), &replies); err != nil || len(replies) != 1 || replies[0].Text != c.answer {
			t.Errorf("%s: %d %s, want %s", c.body, res.StatusCode, got, c.answer)
		}
		if c.messages == "" {
			continue
		}
		if diff := cmp.Diff(c.messages, <-messages); diff != "" {
			t.Errorf("%s: the model got (-want +got):\n%s", c.body, diff)
		}
	}
}

// TestModelIsThisProgram ends the start, and names the key.
func TestModelIsThisProgram(t *testing.T) {
	t.Parallel()
	dir := files(t, map[string]string{
		"credentials.yml": "rest:\n", "endpoints.yml": "agent:\n  type: openai\n  model: m\n  base_url: http://localhost:5005/v1\n",
	})
	p := newProgram()
	p.Agents = append(p.Agents, openai.Type())
	code := p.Run(t.Context(), []string{"run", "--data-dir", dir, "--credentials", dir + "/credentials.yml", "--endpoints", dir + "/endpoints.yml"})
	if got := p.err.String(); code != cmd.ExitUsage || !strings.Contains(got, "endpoints.yml:4: agent openai: base_url: port 5005 of this machine") {
		t.Errorf("exit code %d: %s", code, got)
	}
}

// TestModelIsHeardWhileItWrites has a typed client show what the model has written before it
// writes on.
func TestModelIsHeardWhileItWrites(t *testing.T) {
	t.Parallel()
	goOn := make(chan struct{})
	url, _ := modelServer(t, goOn)
	r := startOpenAI(t, url, "")
	client := manyvoxv1connect.NewChannelServiceClient(r.http, "http://"+r.addr)
	ctx, cancel := context.WithTimeout(t.Context(), waitTimeout)
	defer cancel()
	stream, err := client.ReceiveStream(ctx, &manyvoxv1.ReceiveStreamRequest{Sender: "ann", Message: "one"})
	if err != nil {
		t.Fatal(err)
	}
	var pieces, replies []string
	for stream.Receive() {
		if d := stream.Msg().GetDelta(); d != nil {
			if pieces = append(pieces, d.GetText()); len(pieces) == 1 {
				close(goOn)
			}
			if d.GetFormat() != "markdown" {
				t.Errorf("format %v", d.GetFormat())
			}
		}
		if reply := stream.Msg().GetReply(); reply != nil {
			replies = append(replies, reply.GetReply().GetText())
		}
	}
	if err := stream.Err(); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(pieces, ""); got != "Yes, **one**" || len(pieces) < 2 {
		t.Errorf("pieces %q", pieces)
	}
	if diff := cmp.Diff([]string{"Yes, **one**"}, replies); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
