package auth

import "context"

// CheckOperator asks for the operator's token. To be on the same machine is no
// credential: a proxy there lets everyone be. Ctx is that of a request that went through
// TakeToken. Without an operator's token nobody is let in.
func (g Guard) CheckOperator(ctx context.Context) error {
	return check(ctx, "the operator's token is needed", "the token is not the operator's", g.Operator)
}
