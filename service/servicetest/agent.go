package servicetest

import (
	"context"
	"testing"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
)

// UncalledAgent fails the test when it is asked.
func UncalledAgent(t *testing.T) agents.Agent {
	return agents.Func(func(_ context.Context, turn agents.Turn, _ channels.Replier) error {
		t.Errorf("the agent was asked %q", turn.Message.Text)
		return nil
	})
}

// ReplyWith answers every message with these texts.
func ReplyWith(texts ...string) agents.Agent {
	return agents.Func(func(ctx context.Context, _ agents.Turn, r channels.Replier) error {
		return ReplyTexts(ctx, r, texts...)
	})
}

// Echo answers every message with its text.
func Echo() agents.Agent {
	return agents.Func(func(ctx context.Context, t agents.Turn, r channels.Replier) error {
		return ReplyTexts(ctx, r, t.Message.Text)
	})
}

// ReplyTexts sends one reply for each text, up to the first error.
func ReplyTexts(ctx context.Context, r channels.Replier, texts ...string) error {
	for _, text := range texts {
		if err := r.Reply(ctx, channels.Reply{Text: text}); err != nil {
			return err
		}
	}
	return nil
}
