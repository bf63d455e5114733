package slack_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/channels/slack/slacktest"
)

// TestTyping shows a status in threads, and asks no more where Slack refuses that.
func TestTyping(t *testing.T) {
	t.Parallel()
	c, s, ts := streaming(t, "")
	typer := c.(channels.Typer)
	inThread := channels.Message{Sender: slacktest.Ina, Address: part(ts, channels.Reply{}).Address}
	if err := typer.Typing(t.Context(), channels.Message{Sender: slacktest.Ina, Address: part("", channels.Reply{}).Address}); err != nil || len(s.Calls()) > 0 {
		t.Errorf("outside a thread: %v, %q", err, methods(s))
	}
	if err := typer.Typing(t.Context(), inThread); err != nil {
		t.Fatal(err)
	}
	chat := s.Chat(crew)
	if diff := cmp.Diff([]string{"is thinking…"}, chat.Statuses); diff != "" {
		t.Error(diff)
	}
	for code, want := range map[string]int{"ratelimited": 2, "internal_error": 2, "invalid_thread_ts": 1, "missing_scope": 1} {
		c, s, _ := streaming(t, "")
		typer := c.(channels.Typer)
		s.Fail("assistant.threads.setStatus", code)
		if err := typer.Typing(t.Context(), inThread); channels.AsSendError(err).Code != code {
			t.Errorf("%s: %v", code, err)
		}
		if err := typer.Typing(t.Context(), inThread); err != nil && channels.AsSendError(err).Class == channels.SendUnauthorized {
			t.Errorf("%s: %v", code, err)
		}
		if n := len(s.Calls()); n != want {
			t.Errorf("%s: %d calls", code, n)
		}
	}
}
