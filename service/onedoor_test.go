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
)

// refusing is a Policy that lets nobody in and remembers who came.
type refusing struct {
	mu   sync.Mutex
	came []channels.Conversation
}

func (p *refusing) decide(_ context.Context, m *channels.Message) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.came = append(p.came, m.Conversation())
	return channels.Errorf(channels.CodePermissionDenied, "not today, %s", m.Sender)
}

func TestOneDoorRefuses(t *testing.T) {
	t.Parallel()
	policy := &refusing{}
	h := listen(t, service.Config{
		Channels: instances(t, "rest:\nlounge:\n", lounge()),
		Agent:    quiet(t),
		Policies: []intake.Policy{policy.decide},
	})
	var want []channels.Conversation
	for _, r := range routes() {
		got, err := r.ask(within(t), h, question{sender: "ann", text: "hello"})
		if err != nil {
			t.Errorf("%s: %v", r.name, err)
		}
		if diff := cmp.Diff(answer{code: "permission_denied", message: "not today, ann"}, got, cmp.AllowUnexported(answer{})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", r.name, diff)
		}
		want = append(want, channels.Conversation{Channel: "rest", Sender: "ann"})
	}
	refusedAtLounge(t, h)
	want = append(want, channels.Conversation{Channel: "lounge", Sender: "guest-7b"})
	if diff := cmp.Diff(want, policy.came); diff != "" {
		t.Errorf("who came to the door (-want +got):\n%s", diff)
	}
}

func refusedAtLounge(t *testing.T, h *house) {
	t.Helper()
	req, err := http.NewRequestWithContext(within(t), http.MethodPost, h.url+"/webhooks/lounge/webhook", strings.NewReader(`{"message":"hi"}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Seat", "7B")
	status, body := do(t, h.h1, req)
	const want = `{"error":{"code":"permission_denied","message":"not today, guest-7b"}}`
	if status != http.StatusForbidden || body != want {
		t.Errorf("custom channel: %d %s, want 403 %s", status, body, want)
	}
}

// A channel that is not open to RPC is turned down before the door: RPC must not walk
// round its own check.
func TestOneDoorClosedToRPC(t *testing.T) {
	t.Parallel()
	policy := &refusing{}
	h := listen(t, service.Config{
		Channels: instances(t, "lounge:\n", lounge()),
		Agent:    quiet(t),
		Policies: []intake.Policy{policy.decide},
	})
	for _, r := range routes() {
		if strings.HasPrefix(r.name, "legacy") {
			continue
		}
		for channel, code := range map[string]string{"lounge": "failed_precondition", "longue": "not_found", "": "not_found"} {
			got, err := r.ask(within(t), h, question{channel: channel, text: "hello"})
			if err != nil || got.code != code {
				t.Errorf("%s, channel %q: %+v, %v, want code %s", r.name, channel, got, err, code)
			}
		}
	}
	if len(policy.came) > 0 {
		t.Errorf("they came to the door: %v", policy.came)
	}
}

// The first policy that refuses decides, and what one changes the next and the agent see.
func TestOneDoorPoliciesInOrder(t *testing.T) {
	t.Parallel()
	var asked []string
	h := listen(t, service.Config{
		Channels: instances(t, "rest:\n"),
		Agent:    quiet(t),
		Policies: []intake.Policy{
			func(_ context.Context, m *channels.Message) error { m.Text = "changed"; return nil },
			func(_ context.Context, m *channels.Message) error {
				asked = append(asked, m.Text)
				return channels.Errorf(channels.CodePermissionDenied, "no")
			},
			func(context.Context, *channels.Message) error { asked = append(asked, "third"); return nil },
		},
	})
	if _, err := routes()[0].ask(within(t), h, question{text: "hello"}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"changed"}, asked); diff != "" {
		t.Errorf("asked (-want +got):\n%s", diff)
	}
}
