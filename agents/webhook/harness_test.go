package webhook_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/agents/agenttest"
	"github.com/manyvox/manyvox/agents/webhook"
	"github.com/manyvox/manyvox/channels"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// exchange is a turn of a server that answers in one of the forms.
type exchange struct {
	*agenttest.HTTPExchange
	form  form
	begun bool
}

// form is how replies are written.
type form struct {
	first, before, between, after, last string
	collects, like                      bool
}

var forms = map[string]form{
	"lines":    {after: "\n"},
	"values":   {like: true},
	"events":   {before: "event: message\nid: 1\ndata: ", after: "\n\n", last: ": bye\n\ndata: [DONE]\n\n"},
	"a list":   {first: "[", between: ",", last: "]", collects: true},
	"messages": {first: `{"messages": [`, between: ",", last: "]}", collects: true, like: true},
}

func (x *exchange) object(object string) {
	text := x.form.between
	if !x.begun {
		text = x.form.first
	}
	x.Raw(text + x.form.before + object + x.form.after)
}

func (x *exchange) Raw(text string) {
	x.begun = true
	x.HTTPExchange.Raw(text)
}

func (x *exchange) text(key, text string) {
	object, _ := channels.Marshal(map[string]string{key: text})
	x.object(string(object))
}

func (x *exchange) Delta(text string)  { x.text("delta", text) }
func (x *exchange) Reply(text string)  { x.text("text", text) }
func (x *exchange) Custom(text string) { x.object(`{"custom": ` + text + "}") }

func (x *exchange) End() {
	if !x.begun {
		x.HTTPExchange.Raw(x.form.first)
	}
	x.HTTPExchange.Raw(x.form.last)
}

// open opens an agent of a URL, and closes it with the test.
func open(t *testing.T, url string, change func(*webhook.Config)) agents.Agent {
	t.Helper()
	c := webhook.Type().New().(*webhook.Config)
	c.URL = channels.Secret(url)
	if change != nil {
		change(c)
	}
	if err := c.Validate(); err != nil {
		t.Fatal(err)
	}
	a, err := c.Open(agents.Env{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.(agents.Closer).Close(t.Context()); err != nil {
			t.Error(err)
		}
	})
	return a
}

// peer is a server that answers in a form.
func peer(f form) agenttest.Peer {
	return agenttest.Peer{Collects: f.collects, Open: func(t *testing.T, s agenttest.Stage) agents.Agent {
		url := agenttest.ListenHTTP(t, s, func(x *agenttest.HTTPExchange) agenttest.Exchange {
			return &exchange{HTTPExchange: x, form: f}
		})
		return open(t, url+"/agent?key="+s.Secret.Reveal(), func(c *webhook.Config) {
			c.Secret = "whsec_" + s.Secret
			c.Headers = map[string]channels.Secret{"Authorization": "Bearer " + s.Secret}
		})
	}}
}

// answering is a server that answers 200 with a body.
func answering(t *testing.T, body string) (url string) {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(s.Close)
	return s.URL
}

func TestContract(t *testing.T) {
	t.Parallel()
	for name, f := range forms {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var peers []agenttest.Peer
			if !f.like { // else the checks of another say the same
				peers = append(peers, peer(f))
			}
			agenttest.Contract(t, func(t *testing.T) agents.Agent {
				return open(t, answering(t, strings.Join([]string{f.first, f.before, `{"text":"a"}`, f.after, f.between, f.before, `{"text":"b"}`, f.after, f.last}, "")), nil)
			}, peers...)
		})
	}
}

var _ agenttest.Exchange = (*exchange)(nil)
