package cmd

import (
	"context"
	"fmt"

	manyvoxv1 "github.com/manyvox/manyvox/gen/manyvox/v1"
	"github.com/manyvox/manyvox/gen/manyvox/v1/manyvoxv1connect"
)

// pauseCommand hands a conversation to a human.
type pauseCommand struct {
	clientFlags `embed:""`
	Channel     string `arg:"" help:"The channel's name in credentials.yml."`
	Sender      string `required:"" help:"Who the conversation is with."`
	Reason      string `help:"Why, for people: status shows it."`
}

// Run prints whether the conversation was paused before.
func (c *pauseCommand) Run(ctx context.Context, p Program) error {
	return c.call(p, func(client manyvoxv1connect.ConversationServiceClient) error {
		req := &manyvoxv1.PauseConversationRequest{Channel: c.Channel, Sender: c.Sender, Reason: c.Reason}
		res, err := client.PauseConversation(ctx, req)
		if err != nil {
			return err
		}
		outcome := "was paused already"
		if res.GetPaused() {
			outcome = "paused"
		}
		fmt.Fprintf(p.Stdout, "conversation of %s on %s: %s\n", c.Sender, c.Channel, outcome)
		return nil
	})
}
