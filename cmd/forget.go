package cmd

import (
	"context"
	"errors"
	"fmt"

	manyvoxv1 "github.com/manyvox/manyvox/gen/manyvox/v1"
	"github.com/manyvox/manyvox/gen/manyvox/v1/manyvoxv1connect"
)

// forgetCommand deletes a conversation.
type forgetCommand struct {
	clientFlags  `embed:""`
	confirmFlags `embed:""`
	Channel      string   `placeholder:"NAME" env:"-" help:"The channel's name."`
	Sender       string   `placeholder:"ID" env:"-" help:"Who the conversation is with."`
	Of           []string `arg:"" optional:"" name:"channel sender" help:"The same two without flags: the channel's name, and who the conversation is with."`
}

// Validate wants channel and sender, by flags or without. kong calls it.
func (c *forgetCommand) Validate() error {
	switch {
	case len(c.Of) == 2 && c.Channel == "" && c.Sender == "":
		c.Channel, c.Sender = c.Of[0], c.Of[1]
	case len(c.Of) > 0 || c.Channel == "" || c.Sender == "":
		return errors.New("expected a channel and a sender: --channel NAME --sender ID, or NAME ID")
	}
	return nil
}

// Run prints how many rows were deleted.
func (c *forgetCommand) Run(ctx context.Context, p Program) error {
	if err := c.confirm(ctx, p, fmt.Sprintf("delete all that is kept of %q on channel %q", c.Sender, c.Channel)); err != nil {
		return err
	}
	return c.call(p, func(client manyvoxv1connect.ConversationServiceClient) error {
		res, err := client.DeleteConversation(ctx, &manyvoxv1.DeleteConversationRequest{Channel: c.Channel, Sender: c.Sender})
		if err == nil && res.GetRows() == 0 {
			err = checkChannel(ctx, client, c.Channel)
		}
		if err != nil {
			return err
		}
		fmt.Fprintf(p.Stdout, "deleted %s of the journal\n", plural(res.GetRows(), "row"))
		return nil
	})
}
