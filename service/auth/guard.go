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

// Channel asks for a channel's own token or the program's. The program's alone guards
// the channels that are open to RPC, on every route: the others check what their
// platform signs. Ctx is that of a request that went through TakeToken.
func (g Guard) Channel(ctx context.Context, in *instance.Instance) error {
	if !g.guards(in) {
		return nil
	}
	token := tokenOf(ctx)
	if in.Token.Equal(token) || g.Program.Equal(token) {
		return nil
	}
	problem := "the token is wrong"
	if token == "" {
		problem = "a token is needed"
	}
	return channels.Errorf(channels.CodeUnauthenticated,
		"channel %s: %s: send it as \"Authorization: Bearer <token>\"", in.Name, problem)
}

// guards reports whether a channel asks for a token at all.
func (g Guard) guards(in *instance.Instance) bool {
	return in.Token != "" || g.Program != "" && in.Type.RPC
}

// Unguarded returns the names of the channels that anyone who reaches the port may
// write to without a token or a signature.
func (g Guard) Unguarded(list []*instance.Instance) (names []string) {
	for _, in := range list {
		if in.Type.RPC && !g.guards(in) {
			names = append(names, in.Name)
		}
	}
	return names
}
