package cmd_test

import (
	"context"
	"strings"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
)

// menuType is an agent that lets the user choose from menuText at "§menu n", and repeats
// what it hears to anything else. An image ends each answer.
func menuType() agents.Type {
	return agents.Type{Name: "menu", New: func() agents.Config { return &menuConfig{} }}
}

type menuConfig struct{}

func (*menuConfig) Validate() error { return nil }

func (*menuConfig) Open(agents.Env) (agents.Agent, error) { return agents.Func(answerMenu), nil }

func answerMenu(ctx context.Context, t agents.Turn, r channels.Replier) error {
	n, ok := strings.CutPrefix(t.Message.Text, private+"menu ")
	if !ok {
		return r.Reply(ctx, channels.Reply{Text: heard(t.Message.Text), Image: smsImage})
	}
	return r.Reply(ctx, channels.Reply{Text: private + "How, " + n + "?", Image: smsImage, Buttons: []channels.Button{
		{Title: private + "Train " + n, Payload: private + "/train " + n}, {Title: private + "Ship " + n, Payload: private + "/ship " + n},
	}})
}

// heard is what a menu agent answers to a text.
func heard(text string) string { return private + "heard " + text }

// menuText is what the user gets at "§menu n".
func menuText(n string) string {
	return private + "How, " + n + "?\n1. " + private + "Train " + n + "\n2. " + private + "Ship " + n
}
