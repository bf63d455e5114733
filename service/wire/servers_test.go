package wire_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	agenttypes "github.com/manyvox/manyvox/agents/builtin"
	"github.com/manyvox/manyvox/agents/rasa/rasatest"
	channeltypes "github.com/manyvox/manyvox/channels/builtin"
	"github.com/manyvox/manyvox/cmd"
	"github.com/manyvox/manyvox/cmd/cmdtest"
	stores "github.com/manyvox/manyvox/service/journal/builtin"
)

// patience bounds each wait. Nothing that works takes so long.
const patience = 3 * time.Minute

// server is one of those that are compared.
type server struct {
	name string // rasa, manyvox or connected
	url  string
	// posts takes what the callback channel sends.
	posts *mailbox
}

// pair is a Rasa and the Manyvox in front of it. A second Manyvox, connected, asks our channel
// for Rasa, where the first asks Rasa's rest channel.
type pair struct {
	rasa, manyvox server
	connected     server
	actions       *rasatest.Actions
	client        *http.Client
}

// credentials are those of each server, but for the address of the callbacks.
const credentials = "rest:\nsocketio:\n  session_persistence: true\ncallback:\n  url: %s\n"

// startPair starts all of them with the same channels.
func startPair(t *testing.T) *pair {
	t.Helper()
	posts := newMailboxes(t, "rasa", "manyvox", "connected")
	p := &pair{
		rasa:      server{name: "rasa", posts: posts.of("rasa")},
		manyvox:   server{name: "manyvox", posts: posts.of("manyvox")},
		connected: server{name: "connected", posts: posts.of("connected")},
		client: &http.Client{
			Transport:     &http.Transport{DisableCompression: true},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
	t.Cleanup(p.client.CloseIdleConnections)
	ours, err := os.ReadFile("../../examples/rasa/manyvox_channel.py")
	if err != nil {
		t.Fatal(err)
	}
	bot := rasatest.Start(t, rasatest.Options{
		Credentials: fmt.Sprintf(credentials, p.rasa.posts.url) + "manyvox_channel.ManyvoxInput:\n",
		Files:       map[string]string{"manyvox_channel.py": string(ours)}, Actions: true,
	})
	p.rasa.url, p.actions = bot.URL, bot.Actions
	p.manyvox.start(t, fmt.Sprintf("agent: {type: rasa, url: %q}\n", p.rasa.url))
	p.connected.start(t, fmt.Sprintf("agent: {type: rasa, url: %q, channel: manyvox}\n", p.rasa.url))
	return p
}

// start starts the whole program with an agent.
func (s *server) start(t *testing.T, agent string) {
	t.Helper()
	program := cmd.Program{Channels: channeltypes.Types(), Agents: agenttypes.Types(), Stores: stores.Types()}
	s.url = cmdtest.Start(t, program, fmt.Sprintf(credentials, s.posts.url), agent+"store: {type: memory}\n")
}

// do sends a request and reads the answer until it ends, or until the request's context is
// canceled, which is no error: then there may be no response. It reports whether the answer
// has ended.
func (p *pair) do(req *http.Request) (res *http.Response, text string, ended bool, err error) {
	res, err = p.client.Do(req)
	switch {
	case errors.Is(err, context.Canceled):
		return nil, "", false, nil
	case err != nil:
		return nil, "", false, err
	}
	defer res.Body.Close()
	var b strings.Builder
	_, err = io.Copy(&b, res.Body)
	if errors.Is(err, context.Canceled) {
		return res, b.String(), false, nil
	}
	return res, b.String(), err == nil, err
}

// tracked returns what Rasa has recorded of the user in a conversation since it had n
// events, as JSON, and how many events there are.
func (p *pair) tracked(ctx context.Context, t testing.TB, conversation string, n int) (list []string, events int) {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.rasa.url+"/conversations/"+url.PathEscape(conversation)+"/tracker?include_events=ALL", nil)
	if err != nil {
		t.Error(err)
		return nil, 0
	}
	_, text, _, err := p.do(req)
	var tracker struct {
		Events []struct {
			Event        string          `json:"event"`
			Text         json.RawMessage `json:"text"`
			InputChannel json.RawMessage `json:"input_channel"`
			Metadata     map[string]any  `json:"metadata"`
		} `json:"events"`
	}
	text = strings.ReplaceAll(text, ":NaN", `:"NaN"`) // which is no JSON
	if err := errors.Join(err, json.Unmarshal([]byte(text), &tracker)); err != nil {
		t.Errorf("the tracker of %q: %v", conversation, err)
	}
	for i, e := range tracker.Events {
		said := strings.ReplaceAll(string(e.Text), `\/`, "/") // Rasa writes it so now and then
		if e.Event != "user" || i < n || said == `"`+barrier+`"` {
			continue
		}
		for _, own := range []string{"model_id", "assistant_id"} { // Rasa's
			delete(e.Metadata, own)
		}
		list = append(list, marshal(map[string]any{"text": json.RawMessage(said), "input_channel": e.InputChannel, "metadata": e.Metadata}))
	}
	return list, len(tracker.Events)
}
