package socketio

import (
	"context"
	"encoding/json"

	"github.com/manyvox/manyvox/channels"
)

// Signed reports whether clients must show a JSON Web Token.
func (c *Channel) Signed() bool { return c.config.JWTKey != "" }

// authorize asks for the program's token, where one guards the channel: that of auth.token
// in the data with which a client connects, or else that of the handshake's ?token=. The
// error is sent to the client.
func (s *socket) authorize(data json.RawMessage) error {
	a, ok := s.in.(channels.Authorizer)
	if !ok {
		return nil
	}
	var shown struct {
		Token string `json:"token"`
	}
	_ = json.Unmarshal(data, &shown) // what cannot be read shows none
	caller, err := a.Authorize(s.caller, shown.Token)
	if err != nil {
		return channels.AsError(err)
	}
	s.caller = caller
	return nil
}

// ofCaller returns the context for a message of the client. It ends with ctx, and has what
// the door has to know of the caller.
func (s *socket) ofCaller(ctx context.Context) context.Context { return callerContext{ctx, s.caller} }

// callerContext ends with the one context and has the values of both.
type callerContext struct {
	context.Context
	caller context.Context
}

// Value returns the value of the caller's context, or else that of the other.
func (c callerContext) Value(key any) any {
	if v := c.caller.Value(key); v != nil {
		return v
	}
	return c.Context.Value(key)
}

var _ channels.Signed = (*Channel)(nil)
