package cmd

import (
	"context"
	"fmt"

	manyvoxv1 "github.com/manyvox/manyvox/gen/manyvox/v1"
	"github.com/manyvox/manyvox/gen/manyvox/v1/manyvoxv1connect"
)

// forgetCommand deletes a conversation.
type forgetCommand struct {
	clientFlags `embed:""`
	Channel     string `arg:"" help:"The channel's name."`
	Sender      string `arg:"" help:"Who the conversation is with."`
}

// Run prints how many rows were deleted.
func (c *forgetCommand) Run(ctx context.Context, p Program) error {
	return c.call(p, func(client manyvoxv1connect.ConversationServiceClient) error {
		res, err := client.DeleteConversation(ctx, &manyvoxv1.DeleteConversationRequest{Channel: c.Channel, Sender: c.Sender})
		if err != nil {
			return err
		}
		fmt.Fprintf(p.Stdout, "deleted %s of the journal\n", plural(res.GetRows(), "row"))
		return nil
	})
}
