package metrics_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/servicetest"
)

func TestMetricsCountTurns(t *testing.T) {
	t.Parallel()
	h := servicetest.OnLoopback(t, service.Config{
		Channels: servicetest.Channels(t, "rest:\nkiosk: {type: rest}\n"), OperatorToken: "operator",
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
	status, body := h.Get(t, "/metrics?token=operator")
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
