package intake

import (
	"context"

	"github.com/manyvox/manyvox/service/auth"
)

// Authorize asks for the token that guards the channel.
func (i inbox) Authorize(ctx context.Context, token string) (context.Context, error) {
	if token != "" {
		ctx = auth.WithToken(ctx, token)
	}
	return ctx, i.door.Guard.Channel(ctx, i.in)
}
