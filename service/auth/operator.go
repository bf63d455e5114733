package auth

import (
	"context"

	"github.com/manyvox/manyvox/channels"
)

// CheckOperator asks for the operator's token. To be on the same machine is no
// credential: a proxy there lets everyone be. Ctx is that of a request that went through
// TakeToken. Without an operator's token nobody is let in.
func (g Guard) CheckOperator(ctx context.Context) error {
	token := tokenOf(ctx)
	if g.Operator.Equal(token) {
		return nil
	}
	problem := "the token is not the operator's"
	if token == "" {
		problem = "the operator's token is needed"
	}
	return channels.Errorf(channels.CodeUnauthenticated, "%s: send it as \"Authorization: Bearer <token>\"", problem)
}
