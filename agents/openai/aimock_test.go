package openai_test

import (
	"bufio"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/agents/agenttest"
	"github.com/manyvox/manyvox/agents/openai"
	"github.com/manyvox/manyvox/channels"
)

// aimock starts the published mock of the API and returns its address. A test that cannot run
// here is skipped. In CI nothing may be missing.
func aimock(t *testing.T) string {
	t.Helper()
	missing := ""
	if _, err := os.Stat("peers/node_modules/@copilotkit/aimock"); err != nil {
		missing = "no node_modules: run npm ci in agents/openai/peers"
	}
	if _, err := exec.LookPath("node"); err != nil {
		missing = "no node on this machine"
	}
	switch {
	case missing != "" && os.Getenv("CI") == "true":
		t.Fatal(missing)
	case missing != "":
		t.Skip(missing)
	}
	mock := exec.CommandContext(t.Context(), "node", "peers/aimock.mjs")
	mock.Stderr = t.Output()
	in, err := mock.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := mock.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := mock.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = in.Close(); _ = mock.Wait() })
	address, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(address)
}

// TestAimock answers from a server that nobody here wrote, which also fails as it is told.
func TestAimock(t *testing.T) {
	t.Parallel()
	address := aimock(t)
	ask := func(t *testing.T, text string, changes ...change) (*harness, *agenttest.Recorder, error) {
		changes = append([]change{func(c *openai.Config) { c.BaseURL = address + "/v1" }}, changes...)
		h, rec := onLoopback(t, &fake{}, changes...), &agenttest.Recorder{Shows: true}
		turn := agenttest.Turn("ann", text)
		turn.Live = true
		return h, rec, h.answer(t, turn, rec)
	}
	chaos := func(fault string) change {
		return func(c *openai.Config) { c.Headers = map[string]channels.Secret{"x-aimock-chaos-" + fault: "1"} }
	}
	for _, c := range []struct {
		name, text string
		change     change
		texts      []string
		code       channels.Code // of the error, if any
		notReached bool
		shows      bool // pieces of an answer that then failed
	}{
		{name: "text", text: "hello", texts: []string{"**Hello** there.\n\nHow are you?"}},
		{name: "reasoning", text: "think", texts: []string{"Done."}},
		{name: "buttons", text: "buttons", change: withTools, texts: []string{"Which one?"}},
		{name: "cut", text: "cut", code: channels.CodeAgentFailed, shows: true},
		{name: "breaks off", text: "dies", code: channels.CodeAgentFailed, shows: true},
		{name: "length", text: "long", texts: []string{"Once upon"}, code: channels.CodeTooLarge, shows: true},
		{name: "429", text: "busy", code: channels.CodeOverloaded, notReached: true},
		{name: "500", text: "broken", code: channels.CodeAgentFailed},
		{name: "context length", text: "much", code: channels.CodeTooLarge},
		{name: "404", text: "unknown", code: channels.CodeAgentFailed},
		{name: "a fault: malformed", text: "hello", change: chaos("malformed"), code: channels.CodeAgentFailed},
		{name: "a fault: dropped", text: "hello", change: chaos("drop"), code: channels.CodeAgentFailed},
		{name: "a fault: disconnected", text: "hello", change: chaos("disconnect"), code: channels.CodeAgentFailed},
		{name: "a fault: busy", text: "hello", change: chaos("ratelimit"), code: channels.CodeOverloaded, notReached: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if c.change == nil {
				c.change = func(*openai.Config) {}
			}
			h, rec, err := ask(t, c.text, c.change)
			if diff := cmp.Diff(append([]string{}, c.texts...), rec.Texts()); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if want := len(c.texts) * 2; c.name == "buttons" && len(rec.Replies[0].Buttons) != want {
				t.Errorf("buttons %v", rec.Replies[0].Buttons)
			}
			failed := c.code != channels.CodeInternal
			var e *channels.Error
			if errors.As(err, &e) != failed || failed && e.Code != c.code || agents.IsNotReached(err) != c.notReached {
				t.Errorf("error %v, not reached %v", err, agents.IsNotReached(err))
			}
			if failed && (len(rec.Deltas) > 0) != c.shows {
				t.Errorf("pieces %q", rec.Deltas)
			}
			if used := h.agent.Usage(); !failed && (used.Prompt == 0 || used.Completion == 0) {
				t.Errorf("usage %+v", used)
			}
		})
	}
}

// TestAimockAttachments shows a photo and a voice note to the mock, and looks into what it got.
func TestAimockAttachments(t *testing.T) {
	t.Parallel()
	address := aimock(t)
	h := onLoopback(t, &fake{}, func(c *openai.Config) {
		c.BaseURL, c.Transcribe = address+"/v1", &openai.Transcribe{Model: "whisper-1", Timeout: time.Minute}
	})
	turn, rec := agenttest.Turn("ann", "look"), &agenttest.Recorder{}
	turn.Media = agenttest.Media{"photo": png, "voice": "OggS a voice"}
	turn.Message.Attachments = []channels.Attachment{{Type: "image", Ref: "photo"}}
	if err := h.answer(t, turn, rec); err != nil {
		t.Fatal(err)
	}
	turn.Message.Text, turn.Message.Attachments = "", []channels.Attachment{{Type: "audio", Ref: "voice", MIME: "audio/ogg"}}
	if err := h.answer(t, turn, rec); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"A green circle.", "You said rye."}, rec.Texts()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address+"/__aimock/journal", nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	defer http.DefaultClient.CloseIdleConnections()
	journal, err := io.ReadAll(res.Body)
	if err != nil || !strings.Contains(string(journal), "data:image/png;base64,"+base64.StdEncoding.EncodeToString([]byte(png))) {
		t.Errorf("%v, the mock did not see the photo: %.2000s", err, journal)
	}
	if !strings.Contains(string(journal), "/v1/audio/transcriptions") {
		t.Errorf("the mock was not asked what the voice says: %.2000s", journal)
	}
}
