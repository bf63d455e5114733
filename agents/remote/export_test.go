package remote

import (
	"context"

	"github.com/manyvox/manyvox/channels"
	manyvoxv1 "github.com/manyvox/manyvox/gen/manyvox/v1"
)

// Decode gives the events of a stream to a replier.
func Decode(ctx context.Context, events []*manyvoxv1.ReceiveStreamResponse, r channels.Replier) error {
	d := &decoder{replier: r, recipient: "ann"}
	for _, e := range events {
		if err := d.event(ctx, e); err != nil {
			return err
		}
	}
	return d.end(ctx)
}
