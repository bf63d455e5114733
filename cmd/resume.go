package cmd

import (
	"context"
	"fmt"

	manyvoxv1 "github.com/manyvox/manyvox/gen/manyvox/v1"
	"github.com/manyvox/manyvox/gen/manyvox/v1/manyvoxv1connect"
)

// resumeCommand ends what holds a channel back, or a conversation's pause.
type resumeCommand struct {
	clientFlags `embed:""`
	Channel     string `arg:"" help:"The channel's name in credentials.yml."`
	Sender      string `help:"The conversation with this sender is answered by the assistant again."`
}

// Run prints whether anything was held back.
func (c *resumeCommand) Run(ctx context.Context, p Program) error {
	return c.call(p, func(client manyvoxv1connect.ConversationServiceClient) error {
		if c.Sender != "" {
			return c.conversation(ctx, p, client)
		}
		res, err := client.ResumeChannel(ctx, &manyvoxv1.ResumeChannelRequest{Channel: c.Channel})
		if err != nil {
			return err
		}
		outcome := "nothing was held back"
		if res.GetResumed() {
			outcome = "resumed"
		}
		fmt.Fprintf(p.Stdout, "channel %s: %s\n", c.Channel, outcome)
		return nil
	})
}

func (c *resumeCommand) conversation(ctx context.Context, p Program, client manyvoxv1connect.ConversationServiceClient) error {
	res, err := client.ResumeConversation(ctx, &manyvoxv1.ResumeConversationRequest{Channel: c.Channel, Sender: c.Sender})
	if err != nil {
		return err
	}
	outcome := "was not paused"
	if res.GetResumed() {
		outcome = "resumed"
	}
	fmt.Fprintf(p.Stdout, "conversation of %s on %s: %s\n", c.Sender, c.Channel, outcome)
	return nil
}
