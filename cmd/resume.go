package cmd

import (
	"context"
	"fmt"

	manyvoxv1 "github.com/manyvox/manyvox/gen/manyvox/v1"
	"github.com/manyvox/manyvox/gen/manyvox/v1/manyvoxv1connect"
)

// resumeCommand ends what holds a channel back.
type resumeCommand struct {
	clientFlags `embed:""`
	Channel     string `arg:"" help:"The channel's name in credentials.yml."`
}

// Run prints whether anything was held back.
func (c *resumeCommand) Run(ctx context.Context, p Program) error {
	return c.call(p, func(client manyvoxv1connect.ConversationServiceClient) error {
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
