package metrics_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/journal/memory"
	"github.com/manyvox/manyvox/service/servicetest"
)

func TestMetricsCountTurns(t *testing.T) {
	t.Parallel()
	h := servicetest.OnLoopback(t, service.Config{
		Channels: servicetest.Channels(t, "rest:\nkiosk: {type: rest}\n"),
		Agent: agents.Func(func(ctx context.Context, turn agents.Turn, r channels.Replier) error {
			switch turn.Message.Text {
			case "fail":
				return errors.New("broken")
			case "say nothing":
				return nil
			}
			return r.Reply(ctx, channels.Reply{Text: "hello"})
		}),
	})
	for i, text := range []string{"hello", "hello", "say nothing", "fail"} {
		if _, err := servicetest.Routes()[i].Ask(servicetest.Context(t), h, servicetest.Question{Channel: "kiosk", Sender: "zoe-77", Text: text}); err != nil {
			t.Fatal(err)
		}
	}
	status, body := h.Get(t, "/metrics")
	if status != http.StatusOK {
		t.Fatalf("%d %s", status, body)
	}
	for _, want := range []string{
		`manyvox_turns_total{channel="kiosk",outcome="answered"} 2`,
		`manyvox_turns_total{channel="kiosk",outcome="silent"} 1`,
		`manyvox_turns_total{channel="kiosk",outcome="agent_failed"} 1`,
		`manyvox_turn_seconds_count{channel="kiosk"} 4`,
		`manyvox_asks 0`,
	} {
		if !strings.Contains(body, want+"\n") {
			t.Errorf("%s is missing in:\n%s", want, body)
		}
	}
	if strings.Contains(body, "zoe") {
		t.Errorf("a sender is shown:\n%s", body)
	}
}

func TestMetricsAreTheOperators(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, from, forwarded, authToken, token string
		want                                    int
	}{
		{name: "this machine", from: "127.0.0.1:5", want: http.StatusOK},
		{name: "this machine over IPv6", from: "[::1]:5", want: http.StatusOK},
		{name: "another machine", from: "192.0.2.1:5", want: http.StatusForbidden},
		{name: "another machine behind a proxy", from: "127.0.0.1:5", forwarded: "192.0.2.1", want: http.StatusForbidden},
		{name: "no token", from: "127.0.0.1:5", authToken: "0perator", want: http.StatusUnauthorized},
		{name: "a channel's token", from: "127.0.0.1:5", authToken: "0perator", token: "s3cret", want: http.StatusUnauthorized},
		{name: "the token", from: "192.0.2.1:5", authToken: "0perator", token: "0perator", want: http.StatusOK},
	} {
		for _, header := range []string{"X-Forwarded-For", "Forwarded"} {
			t.Run(c.name+"/"+header, func(t *testing.T) {
				t.Parallel()
				s := service.New(service.Config{
					Channels: servicetest.Channels(t, "rest: {token: s3cret}\n"), Journal: memory.Open(), Agent: servicetest.UncalledAgent(t), AuthToken: channels.Secret(c.authToken),
				})
				req := httptest.NewRequest(http.MethodGet, "/metrics", nil)
				req.RemoteAddr, req.Host = c.from, "localhost:5005"
				if c.forwarded != "" {
					req.Header.Set(header, c.forwarded)
				}
				if c.token != "" {
					req.Header.Set("Authorization", "Bearer "+c.token)
				}
				if res := servicetest.Record(s.Handler(), req); res.Code != c.want {
					t.Errorf("%d %s, want %d", res.Code, res.Body, c.want)
				}
			})
		}
	}
}
