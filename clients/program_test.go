package clients_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"

	"connectrpc.com/connect"

	"github.com/manyvox/manyvox/agents"
	channels "github.com/manyvox/manyvox/channels/builtin"
	"github.com/manyvox/manyvox/cmd"
	"github.com/manyvox/manyvox/cmd/cmdtest"
	manyvoxv1 "github.com/manyvox/manyvox/gen/manyvox/v1"
	"github.com/manyvox/manyvox/gen/manyvox/v1/manyvoxv1connect"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/memory"
)

const (
	// credentials guard the channel by the token that the drivers show.
	credentials   = "rest: {token: open-sesame}"
	operatorToken = "0perator-of-the-test"
)

// program is a real program with an agent of the test.
type program struct {
	addr     string
	operator manyvoxv1connect.ConversationServiceClient
}

// agentConfig is the block "agent: {type: test}".
type agentConfig struct{ agent agents.Agent }

// Validate has nothing to check.
func (*agentConfig) Validate() error { return nil }

// Open returns the agent.
func (c *agentConfig) Open(agents.Env) (agents.Agent, error) { return c.agent, nil }

// start runs a program until the test ends.
func start(t *testing.T, agent agents.Agent, flags ...string) *program {
	t.Helper()
	p := cmd.Program{
		Channels: channels.Types(), Stores: []journal.Type{memory.Type()},
		Agents: []agents.Type{{Name: "test", New: func() agents.Config { return &agentConfig{agent} }}},
	}
	url := cmdtest.Start(t, p, credentials, "agent: {type: test}", append(flags, "--operator-token", operatorToken, "--cors", "*")...)
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	return &program{
		addr:     strings.TrimPrefix(url, "http://"),
		operator: manyvoxv1connect.NewConversationServiceClient(bearer{transport}, url),
	}
}

// bearer shows the operator's token.
type bearer struct{ transport *http.Transport }

// Do sends a request.
func (b bearer) Do(req *http.Request) (*http.Response, error) {
	req.Header.Set("Authorization", "Bearer "+operatorToken)
	return b.transport.RoundTrip(req)
}

var _ connect.HTTPClient = bearer{}

// push says something that ann did not ask for.
func (p *program) push(t *testing.T, id, text string) {
	t.Helper()
	_, err := p.operator.Send(t.Context(), &manyvoxv1.SendRequest{Channel: "rest", Sender: "ann", MessageId: id, Reply: &manyvoxv1.Reply{Text: &text}})
	if err != nil {
		t.Fatal(err)
	}
}

// asked counts the calls of an agent, and knows the ids of their messages.
type asked struct {
	mu  sync.Mutex
	ids []string
}

// add notes the turn of a message and returns how many there are.
func (a *asked) add(id string) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.ids = append(a.ids, id)
	return len(a.ids)
}

// check checks how many turns there were, and that they were of one message.
func (a *asked) check(t *testing.T, turns int) {
	t.Helper()
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.ids) != turns {
		t.Errorf("%d turns, want %d", len(a.ids), turns)
	}
	for _, id := range a.ids {
		if id == "" || id != a.ids[0] {
			t.Errorf("other message ids: %q", a.ids)
		}
	}
}
