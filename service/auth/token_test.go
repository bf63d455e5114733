package auth_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/journal/memory"
	"github.com/manyvox/manyvox/service/servicetest"
)

// dump is a channel type with a token. Its webhook answers with the URL that it got.
func dump(rpc bool) channels.Type {
	return channels.Type{Name: "dump", RPC: rpc, New: func() channels.Config { return &dumpConfig{} }}
}

type dumpConfig struct{ channels.Guard }

func (c *dumpConfig) Validate() error { return nil }

func (c *dumpConfig) Open(channels.Env) (channels.Channel, error) {
	return &dumpChannel{Guard: c.Guard}, nil
}

type dumpChannel struct{ channels.Guard }

func (c *dumpChannel) Inbound(channels.Inbox) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = json.NewEncoder(w).Encode(map[string]string{"uri": r.RequestURI, "url": r.URL.String()})
	})
}

// TestEdge08_16Token: a caller is let in by any of the tokens that it shows.
func TestEdge08_16Token(t *testing.T) {
	t.Parallel()
	h := servicetest.OnLoopback(t, service.Config{
		Channels: servicetest.Channels(t, "dump: {token: s3cret}\n", dump(false)), Agent: servicetest.UncalledAgent(t), AuthToken: "0perator",
	})
	for _, c := range []struct {
		name, header, query string
		seen                string // the query that the channel gets; "" means 401
	}{
		{"no token", "", "?a=1", ""},
		{"header", "Bearer s3cret", "?a=1", "?a=1"},
		{"header, scheme in other case", "bEARER s3cret", "?a=1", "?a=1"},
		{"header, spaces", "Bearer   s3cret ", "?a=1", "?a=1"},
		{"query", "", "?token=s3cret&a=1", "?a=1"},
		{"query alone", "", "?token=s3cret", "?"},
		{"query, escaped", "", "?token=%73%33cret&a=1", "?a=1"},
		{"query, the rest to the letter", "", "?z=1&token=s3cret&a=%2f+%20&mytoken=x", "?z=1&a=%2f+%20&mytoken=x"},
		{"query twice", "", "?token=s3cret&token=other&a=1", "?a=1"},
		{"header wins over query", "Bearer s3cret", "?token=wrong&a=1", "?a=1"},
		{"a proxy's header, right query", "Bearer wrong", "?token=s3cret", "?"},
		{"wrong header, wrong query", "Bearer wrong", "?token=wrong", ""},
		{"the program's token", "Bearer 0perator", "?a=1", "?a=1"},
		{"the program's token in the query", "", "?token=0perator&a=1", "?a=1"},
		{"wrong", "Bearer s3cre", "", ""},
		{"longer", "Bearer s3cret2", "", ""},
		{"empty", "Bearer ", "?token=", ""},
		{"another scheme", "Basic s3cret", "", ""},
		{"no scheme", "s3cret", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			req, err := http.NewRequestWithContext(servicetest.Context(t), http.MethodPost, h.URL+"/webhooks/dump/echo"+c.query, nil)
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Authorization", c.header)
			status, body := servicetest.Do(t, h.HTTP1, req)
			if c.seen == "" {
				if status != http.StatusUnauthorized {
					t.Errorf("%d %s, want 401", status, body)
				}
				return
			}
			var seen map[string]string
			if err := json.Unmarshal([]byte(body), &seen); err != nil || status != http.StatusOK {
				t.Fatalf("%d %s", status, body)
			}
			query := strings.TrimSuffix(c.seen, "?")
			want := map[string]string{"uri": "/webhooks/dump/echo" + query, "url": "/echo" + query}
			if diff := cmp.Diff(want, seen); diff != "" {
				t.Errorf("the channel sees (-want +got):\n%s", diff)
			}
		})
	}
}

// The token of a channel is asked for on every route.
func TestTokenOnEveryRoute(t *testing.T) {
	t.Parallel()
	const needed, wrong = `channel rest: a token is needed: send it as "Authorization: Bearer <token>"`,
		`channel rest: the token is wrong: send it as "Authorization: Bearer <token>"`
	for _, c := range []struct {
		name, credentials string
		authToken         channels.Secret
		token             string
		refused           string
	}{
		{"unguarded", "rest:", "", "", ""},
		{"unguarded, a token that is not needed", "rest:", "", "any", ""},
		{"channel's, none", "rest: {token: s3cret}", "", "", needed},
		{"channel's, wrong", "rest: {token: s3cret}", "", "wrong", wrong},
		{"channel's, right", "rest: {token: s3cret}", "", "s3cret", ""},
		{"program's, none", "rest:", "0perator", "", needed},
		{"program's, wrong", "rest:", "0perator", "wrong", wrong},
		{"program's, right", "rest:", "0perator", "0perator", ""},
		{"both, the channel's", "rest: {token: s3cret}", "0perator", "s3cret", ""},
		{"both, the program's", "rest: {token: s3cret}", "0perator", "0perator", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var turns atomic.Int32
			h := servicetest.OnLoopback(t, service.Config{
				Channels: servicetest.Channels(t, c.credentials), AuthToken: c.authToken,
				Agent: agents.Func(func(context.Context, agents.Turn, channels.Replier) error { turns.Add(1); return nil }),
			})
			for _, r := range servicetest.Routes() {
				want := servicetest.Answer{}
				if c.refused != "" {
					want = servicetest.Answer{Code: "unauthenticated", Message: c.refused}
				}
				got, err := r.Ask(servicetest.Context(t), h, servicetest.Question{Text: "hello", Token: c.token})
				if diff := cmp.Diff(want, got); diff != "" || err != nil {
					t.Errorf("%s: %v (-want +got):\n%s", r.Name, err, diff)
				}
			}
			if n := int(turns.Load()); c.refused != "" && n > 0 || c.refused == "" && n != len(servicetest.Routes()) {
				t.Errorf("the agent was asked %d times", n)
			}
			if log := h.Log.String(); strings.Contains(log, "s3cret") || strings.Contains(log, "0perator") {
				t.Errorf("the log contains a token: %s", log)
			}
		})
	}
}

// unread is a body that fails the test when it is read.
type unread struct{ t *testing.T }

func (b unread) Read([]byte) (int, error) { b.t.Error("the body is read"); return 0, io.EOF }

func TestTokenBeforeTheBody(t *testing.T) {
	t.Parallel()
	s := service.New(service.Config{Channels: servicetest.Channels(t, "rest: {token: s3cret}"), Journal: memory.Open(), Agent: servicetest.UncalledAgent(t)})
	req, err := http.NewRequestWithContext(servicetest.Context(t), http.MethodPost, "/webhooks/rest/webhook", unread{t})
	if err != nil {
		t.Fatal(err)
	}
	res := servicetest.Record(s.Handler(), req)
	if res.Code != http.StatusUnauthorized || res.Header().Get("WWW-Authenticate") != `Bearer realm="manyvox"` {
		t.Errorf("%d, WWW-Authenticate %q, want 401", res.Code, res.Header().Get("WWW-Authenticate"))
	}
}

// Probes and the channels' health need no token.
func TestTokenNotAskedOfProbes(t *testing.T) {
	t.Parallel()
	h := servicetest.OnLoopback(t, service.Config{Channels: servicetest.Channels(t, "rest: {token: s3cret}"), Journal: memory.Open(), Agent: servicetest.UncalledAgent(t), AuthToken: "0perator"})
	for _, path := range []string{"/", "/healthz", "/readyz", "/webhooks/rest", "/webhooks/rest/"} {
		if status, body := h.Get(t, path); status != http.StatusOK {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
}
