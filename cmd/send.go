package cmd

import (
	"context"
	"errors"
	"fmt"

	"google.golang.org/protobuf/encoding/protojson"

	manyvoxv1 "github.com/manyvox/manyvox/gen/manyvox/v1"
	"github.com/manyvox/manyvox/gen/manyvox/v1/manyvoxv1connect"
)

// sendCommand sends a message that no user asked for.
type sendCommand struct {
	clientFlags `embed:""`
	Channel     string  `required:"" placeholder:"NAME" help:"The channel's name in credentials.yml."`
	Sender      string  `required:"" placeholder:"ID" help:"Whom it is for."`
	Address     *string `placeholder:"ADDRESS" env:"-" help:"Where it goes. Default where the sender's last message came from."`
	MessageID   string  `placeholder:"ID" env:"-" help:"A message with the id of an earlier one is not sent again."`
	JSON        string  `name:"json" placeholder:"REPLY" env:"-" help:"A Reply of the API, such as {\"text\": \"Yes?\", \"buttons\": [{\"title\": \"Yes\", \"payload\": \"/yes\"}]}."`
	Text        string  `arg:"" optional:"" help:"What it says."`
}

// Run returns once the message is stored.
func (c *sendCommand) Run(ctx context.Context, p Program) error {
	reply, err := c.reply()
	if err != nil {
		return usageError{err}
	}
	return c.call(p, func(client manyvoxv1connect.ConversationServiceClient) error {
		res, err := client.Send(ctx, &manyvoxv1.SendRequest{
			Channel: c.Channel, Sender: c.Sender, Address: c.Address, MessageId: c.MessageID, Reply: reply,
		})
		switch {
		case err != nil:
			return err
		case res.GetDuplicate():
			fmt.Fprintf(p.Stdout, "message %s was stored before\n", res.GetMessageId())
		default:
			fmt.Fprintf(p.Stdout, "message %s: %s to be sent\n", res.GetMessageId(), plural(len(res.GetPartIds()), "part"))
		}
		return nil
	})
}

func (c *sendCommand) reply() (*manyvoxv1.Reply, error) {
	switch {
	case (c.Text == "") == (c.JSON == ""):
		return nil, errors.New("expected either a text or --json")
	case c.Text != "":
		return &manyvoxv1.Reply{Text: &c.Text}, nil
	}
	var r manyvoxv1.Reply
	if err := protojson.Unmarshal([]byte(c.JSON), &r); err != nil {
		return nil, fmt.Errorf("--json: not a Reply: %w", err)
	}
	return &r, nil
}
