package auth

import (
	"context"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/instance"
)

// Guard knows who may call what.
type Guard struct {
	// Program is the token of --auth-token; empty asks for none.
	Program channels.Secret
	// Operator is the token of ConversationService and of /metrics; with an empty one
	// nobody may call them.
	Operator channels.Secret
}

// Channel asks for a channel's own token or the program's. The program's alone guards each
// channel that neither has a token of its own nor verifies what its platform signs, on
// every route, unless its block says "open: true". Ctx is that of a request that went
// through TakeToken, or was made by Fetched.
func (g Guard) Channel(ctx context.Context, in *instance.Instance) error {
	if !g.guards(in) || isFetched(ctx) {
		return nil
	}
	prefix := "channel " + in.Name + ": "
	return check(ctx, prefix+"a token is needed", prefix+"the token is wrong", in.Token, g.Program)
}

// guards reports whether a channel asks for a token at all.
func (g Guard) guards(in *instance.Instance) bool {
	return in.Token != "" || g.Program != "" && !in.Open && !in.Signed
}

type fetchedKey struct{}

// Fetched returns the context of a channel that fetches its messages. No caller is behind
// them, so no token is asked for.
func Fetched(ctx context.Context) context.Context {
	return context.WithValue(ctx, fetchedKey{}, true)
}

func isFetched(ctx context.Context) bool {
	fetched, _ := ctx.Value(fetchedKey{}).(bool)
	return fetched
}
