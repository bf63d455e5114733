package instance_test

import (
	"bytes"
	"errors"
	"io"
	"log/slog"
	"strings"
	"testing"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/instance"
	"github.com/manyvox/manyvox/service/journal/memory"
)

func pausing(log io.Writer) instance.PausedConversations {
	return instance.PausedConversations{
		Journal: memory.Open(), Channels: senders("chat"), Limits: instance.NewLimitsInUse(instance.DefaultLimits()),
		Log: slog.New(slog.NewTextHandler(log, nil)),
	}
}

func TestEdge08_15_PauseRefuses(t *testing.T) {
	t.Parallel()
	p := pausing(io.Discard)
	for _, c := range []struct {
		name, channel, sender, reason string
		want                          string
		code                          channels.Code
	}{
		{"no channel", "", "kim", "", "channel: required", channels.CodeInvalid},
		{"no sender", "chat", "", "", "sender: required", channels.CodeInvalid},
		{"a long sender", "chat", strings.Repeat("x", 257), "", "sender: 257 bytes, more than the limit of 256", channels.CodeInvalid},
		{"a sender that is not UTF-8", "chat", "\xff", "", "sender: not UTF-8", channels.CodeInvalid},
		{"a long reason", "chat", "kim", strings.Repeat("x", 201), "reason: 201 bytes, more than the limit of 200", channels.CodeInvalid},
		{"a reason that is not UTF-8", "chat", "kim", "\xff", "reason: not UTF-8", channels.CodeInvalid},
		{"no such channel", "mail", "kim", "", "", channels.CodeNotFound},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := p.Pause(t.Context(), channels.Conversation{Channel: c.channel, Sender: c.sender}, c.reason)
			var e *channels.Error
			if !errors.As(err, &e) || e.Code != c.code || c.want != "" && e.Message != c.want {
				t.Errorf("%v, want %q", err, c.want)
			}
		})
	}
}

func TestEdge08_15_PausedConversations(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	p := pausing(&log)
	kim := channels.Conversation{Channel: "chat", Sender: "kim"}
	for _, want := range []bool{true, false} {
		if fresh, err := p.Pause(t.Context(), kim, "a colleague answers"); err != nil || fresh != want {
			t.Errorf("not paused before: %v, want %v, %v", fresh, want, err)
		}
	}
	newest, n, err := p.Newest(t.Context())
	if err != nil || n != 1 || newest[0].Conversation != kim || newest[0].Reason != "a colleague answers" || newest[0].Since.IsZero() {
		t.Errorf("%+v, %d, %v", newest, n, err)
	}
	p.Channels = senders() // a channel that is not in use any more
	for _, want := range []bool{true, false} {
		if was, err := p.Resume(t.Context(), kim); err != nil || was != want {
			t.Errorf("was paused %v, want %v, %v", was, want, err)
		}
	}
	if text := log.String(); strings.Contains(text, "kim") || strings.Contains(text, "colleague") || !strings.Contains(text, "conversation paused") {
		t.Errorf("log: %s", text)
	}
	if err := p.Journal.(*memory.Store).Close(); err != nil {
		t.Fatal(err)
	}
	if _, _, err := p.Newest(t.Context()); !errors.Is(err, instance.ErrDraining) {
		t.Errorf("closed: %v", err)
	}
}
