package service_test

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/intake"
	"github.com/manyvox/manyvox/service/servicetest"
)

// refusingPolicy refuses every message and remembers whose they were.
type refusingPolicy struct {
	mu    sync.Mutex
	asked []channels.Conversation
}

func (p *refusingPolicy) decide(_ context.Context, m *channels.Message) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked = append(p.asked, m.Conversation())
	return channels.Errorf(channels.CodePermissionDenied, "not today, %s", m.Sender)
}

func TestOneDoorRefuses(t *testing.T) {
	t.Parallel()
	policy := &refusingPolicy{}
	h := servicetest.OnLoopback(t, service.Config{
		Channels: servicetest.Channels(t, "rest:\ncustom:\n", custom()),
		Agent:    servicetest.UncalledAgent(t),
		Policies: []intake.Policy{policy.decide},
	})
	var want []channels.Conversation
	for _, r := range servicetest.Routes() {
		got, err := r.Ask(servicetest.Context(t), h, servicetest.Question{Sender: "ann", Text: "hello"})
		if err != nil {
			t.Errorf("%s: %v", r.Name, err)
		}
		if diff := cmp.Diff(servicetest.Answer{Code: "permission_denied", Message: "not today, ann"}, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", r.Name, diff)
		}
		want = append(want, channels.Conversation{Channel: "rest", Sender: "ann"})
	}
	checkCustomRefused(t, h)
	want = append(want, channels.Conversation{Channel: "custom", Sender: "guest-7b"})
	if diff := cmp.Diff(want, policy.asked); diff != "" {
		t.Errorf("whom the policy was asked about (-want +got):\n%s", diff)
	}
}

func checkCustomRefused(t *testing.T, h *servicetest.Running) {
	t.Helper()
	req, err := http.NewRequestWithContext(servicetest.Context(t), http.MethodPost, h.URL+"/webhooks/custom/webhook", strings.NewReader(`{"message":"hi"}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-User", "7B")
	status, body := servicetest.Do(t, h.HTTP1, req)
	const want = `{"error":{"code":"permission_denied","message":"not today, guest-7b"}}`
	if status != http.StatusForbidden || body != want {
		t.Errorf("custom channel: %d %s, want 403 %s", status, body, want)
	}
}

// A channel that is not open to RPC is refused before the door: RPC must not bypass the
// channel's own check.
func TestOneDoorClosedToRPC(t *testing.T) {
	t.Parallel()
	policy := &refusingPolicy{}
	h := servicetest.OnLoopback(t, service.Config{
		Channels: servicetest.Channels(t, "custom:\n", custom()),
		Agent:    servicetest.UncalledAgent(t),
		Policies: []intake.Policy{policy.decide},
	})
	for _, r := range servicetest.Routes() {
		if strings.HasPrefix(r.Name, "legacy") {
			continue
		}
		for channel, code := range map[string]string{"custom": "failed_precondition", "cutsom": "not_found", "": "not_found"} {
			got, err := r.Ask(servicetest.Context(t), h, servicetest.Question{Channel: channel, Text: "hello"})
			if err != nil || got.Code != code {
				t.Errorf("%s, channel %q: %+v, %v, want code %s", r.Name, channel, got, err, code)
			}
		}
	}
	if len(policy.asked) > 0 {
		t.Errorf("the policy was asked about %v", policy.asked)
	}
}

// The first policy that refuses decides. What one changes, the next and the agent see.
func TestOneDoorPoliciesInOrder(t *testing.T) {
	t.Parallel()
	var asked []string
	h := servicetest.OnLoopback(t, service.Config{
		Channels: servicetest.Channels(t, "rest:\n"),
		Agent:    servicetest.UncalledAgent(t),
		Policies: []intake.Policy{
			func(_ context.Context, m *channels.Message) error { m.Text = "changed"; return nil },
			func(_ context.Context, m *channels.Message) error {
				asked = append(asked, m.Text)
				return channels.Errorf(channels.CodePermissionDenied, "no")
			},
			func(context.Context, *channels.Message) error { asked = append(asked, "third"); return nil },
		},
	})
	if _, err := servicetest.Routes()[0].Ask(servicetest.Context(t), h, servicetest.Question{Text: "hello"}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"changed"}, asked); diff != "" {
		t.Errorf("asked (-want +got):\n%s", diff)
	}
}

// custom is a channel type as a user writes it: built on channels.Webhook, with the
// sender in a header, not open to RPC.
func custom() channels.Type {
	return channels.Type{Name: "custom", New: func() channels.Config { return &customConfig{} }}
}

type customConfig struct{}

func (*customConfig) Validate() error { return nil }

func (*customConfig) Open(channels.Env) (channels.Channel, error) {
	return channels.Webhook{Sender: func(r *http.Request, _ channels.Body) (string, error) {
		return "guest-" + strings.ToLower(r.Header.Get("X-User")), nil
	}}, nil
}
