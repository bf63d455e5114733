package instance

import (
	"slices"

	"github.com/manyvox/manyvox/channels"
)

// Access says what guards a channel against strangers who reach the one port.
type Access string

// The kinds of access, in the order in which they are decided.
const (
	// AccessNone is for a channel that takes no requests: it fetches its messages, or only
	// sends.
	AccessNone Access = "none"
	// AccessSigned is for a channel that verifies what its platform signs.
	AccessSigned Access = "signed"
	// AccessToken is for a channel that has a token of its own.
	AccessToken Access = "token"
	// AccessOpen is for a channel whose block says "open: true".
	AccessOpen Access = "open"
	// AccessProgram is for one that --auth-token guards.
	AccessProgram Access = "auth-token"
	// AccessUnguarded is for one that nothing guards.
	AccessUnguarded Access = "unguarded"
)

// Access returns what guards the channel in a program with an --auth-token, or without.
func (c *Config) Access(authToken bool) Access {
	switch {
	case !c.takesRequests():
		return AccessNone
	case c.Signed():
		return AccessSigned
	case c.Token() != "":
		return AccessToken
	case c.Open:
		return AccessOpen
	case authToken:
		return AccessProgram
	}
	return AccessUnguarded
}

// Signed reports whether the channel verifies what its platform signs.
func (c *Config) Signed() bool {
	s, ok := c.Channel.(channels.Signed)
	return ok && s.Signed()
}

// Token returns the channel's own token, "" when it has none.
func (c *Config) Token() channels.Secret {
	if g, ok := c.Channel.(channels.Guarded); ok {
		return g.Guarded().Token
	}
	return ""
}

// takesRequests reports whether strangers can reach the channel.
func (c *Config) takesRequests() bool {
	return slices.ContainsFunc(c.Capabilities(), func(name string) bool {
		return name == "receive" || name == "mount" || name == "rpc"
	})
}

// TakesCalls reports whether callers write to the channel themselves, by its webhook or by
// RPC, where the token that guards it is asked for.
func (c *Config) TakesCalls() bool {
	return slices.ContainsFunc(c.Capabilities(), func(name string) bool { return name == "receive" || name == "rpc" })
}
