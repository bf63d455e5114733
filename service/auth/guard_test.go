package auth_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/agents/agenttest"
	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/servicetest"
)

// platform is a type that is not open to RPC and verifies signatures when it has a secret.
func platform() channels.Type {
	return channels.Type{Name: "platform", New: func() channels.Config { return &platformConfig{} }}
}

type platformConfig struct {
	Secret channels.Secret `yaml:"secret"`
}

func (c *platformConfig) Validate() error { return nil }

func (c *platformConfig) Open(channels.Env) (channels.Channel, error) { return c, nil }

func (c *platformConfig) Signed() bool { return c.Secret != "" }

func (c *platformConfig) Inbound(in channels.Inbox) http.Handler {
	return channels.Webhook{}.Handler(func(w http.ResponseWriter, r *http.Request, m channels.Message) {
		if err := in.Post(r.Context(), m); err != nil {
			channels.WriteError(w, err)
		}
	})
}

func (*platformConfig) Send(context.Context, channels.Part) (channels.Receipt, error) {
	return channels.Receipt{}, nil
}

// The program's token guards every channel that neither has a token of its own nor verifies
// signatures, whatever its type, unless its block says "open: true".
func TestGuardOfAuthToken(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, credentials string
		without, with     int // status without a token, and with the program's
	}{
		{"unsigned", "platform:\n", http.StatusUnauthorized, http.StatusOK},
		{"signed", "platform: {secret: s3cret}\n", http.StatusOK, http.StatusOK},
		{"unsigned, open", "platform: {open: true}\n", http.StatusOK, http.StatusOK},
		{"a token of its own", "platform: {type: dump, token: s3cret}\n", http.StatusUnauthorized, http.StatusOK},
		{"none, not open to RPC", "platform: {type: dump}\n", http.StatusUnauthorized, http.StatusOK},
		{"open to RPC", "platform: {type: rest}\n", http.StatusUnauthorized, http.StatusOK},
		{"open to RPC, open", "platform: {type: rest, open: true}\n", http.StatusOK, http.StatusOK},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h := servicetest.OnLoopback(t, service.Config{
				Channels: servicetest.Channels(t, c.credentials, platform(), dump(false)), Agent: servicetest.Echo(), AuthToken: "pr0gram",
			})
			for token, want := range map[string]int{"": c.without, "pr0gram": c.with} {
				if status, body := call(t, h.URL, "/webhooks/platform/webhook", `{"message":"hello"}`, token); status != want {
					t.Errorf("with %q: %d %s, want %d", token, status, body, want)
				}
			}
		})
	}
}

// poller is a channel that fetches its messages.
type poller struct{ asked chan error }

func (p *poller) Validate() error                             { return nil }
func (p *poller) Open(channels.Env) (channels.Channel, error) { return p, nil }
func (p *poller) Inbound(channels.Inbox) http.Handler         { return nil }

func (p *poller) Run(ctx context.Context, in channels.Inbox) error {
	p.asked <- in.Ask(ctx, channels.Message{Sender: "ann", Text: "hello"}, &agenttest.Recorder{})
	<-ctx.Done()
	return nil
}

// Nobody is asked for a token behind a message that a channel fetched itself.
func TestGuardOfFetchedMessages(t *testing.T) {
	t.Parallel()
	p := &poller{make(chan error, 1)}
	servicetest.OnLoopback(t, service.Config{
		Channels: servicetest.Channels(t, "poller:\n", channels.Type{Name: "poller", New: func() channels.Config { return p }}),
		Agent:    servicetest.Echo(), AuthToken: "pr0gram",
	})
	if err := servicetest.Await(t, "the answer", p.asked); err != nil {
		t.Error(err)
	}
}

// keeper is a channel whose callers show their token in the body, where only the channel
// finds it.
type keeper struct{}

func (*keeper) Validate() error                               { return nil }
func (k *keeper) Open(channels.Env) (channels.Channel, error) { return k, nil }

func (*keeper) Inbound(in channels.Inbox) http.Handler { return nil }

func (*keeper) Mount(in channels.Inbox) []channels.Route {
	h := http.StripPrefix("/keeper", channels.Webhook{}.Handler(func(w http.ResponseWriter, r *http.Request, m channels.Message) {
		ctx, err := in.(channels.Authorizer).Authorize(r.Context(), m.Sender)
		if err == nil {
			err = in.Ask(ctx, m, &agenttest.Recorder{})
		}
		if err != nil {
			channels.WriteError(w, err)
		}
	}))
	return []channels.Route{{Pattern: "/keeper/webhook", Handler: h}}
}

// A channel may ask for the token itself, also for one that the request does not show.
func TestGuardByTheChannel(t *testing.T) {
	t.Parallel()
	for _, authToken := range []channels.Secret{"", "pr0gram"} {
		h := servicetest.OnLoopback(t, service.Config{
			Channels: servicetest.Channels(t, "keeper:\n", channels.Type{Name: "keeper", New: func() channels.Config { return &keeper{} }}),
			Agent:    servicetest.Echo(), AuthToken: authToken,
		})
		got := map[string]int{}
		for _, shown := range []string{"pr0gram", "wrong"} {
			for _, token := range []string{"", "pr0gram"} {
				got[shown+" "+token], _ = call(t, h.URL, "/keeper/webhook", `{"message":"hello","sender":"`+shown+`"}`, token)
			}
		}
		want := map[string]int{"pr0gram ": 200, "pr0gram pr0gram": 200, "wrong ": 200, "wrong pr0gram": 200}
		if authToken != "" {
			want["wrong "], want["wrong pr0gram"] = 401, 401
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("token %v, statuses (-want +got):\n%s", authToken != "", diff)
		}
	}
}
