package setup

import (
	"cmp"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/instance"
)

// AccessWarning is about who may write to a channel.
type AccessWarning struct {
	Channel string
	Text    string
}

// Guarded returns the names of the channels that an --auth-token closes to callers without
// it. Under Rasa it closes none.
func (c *Credentials) Guarded() (names []string) {
	for _, in := range c.Channels {
		if in.Access(true) == instance.AccessProgram {
			names = append(names, in.Name)
		}
	}
	return names
}

// AccessWarnings returns a warning of each channel that anyone may write to, in a program
// with an --auth-token or without, and of each that the token closes since a later version
// than 0.1.
func (c *Credentials) AccessWarnings(authToken bool) (list []AccessWarning) {
	for _, in := range c.Channels {
		if text := accessWarning(in, in.Access(authToken)); text != "" {
			list = append(list, AccessWarning{in.Name, text})
		}
	}
	return list
}

func accessWarning(in *instance.Config, access instance.Access) string {
	switch {
	case access == instance.AccessOpen:
		return `anyone who reaches the port may write: its block says "open: true"`
	case access == instance.AccessUnguarded:
		return "anyone who reaches the port may write: set " + tokenKey(in) + "--auth-token"
	case access == instance.AccessProgram && !in.Type.RPC: // 0.1 asked only those that are open to RPC
		return `--auth-token closes it now, which it did not in 0.1: give its callers the token, or set "open: true" in its block`
	}
	return ""
}

// tokenKey returns the key of the channel's own token and " or", "" when it can have none.
func tokenKey(in *instance.Config) string {
	g, ok := in.Channel.(channels.Guarded)
	if !ok {
		return ""
	}
	return cmp.Or(g.Guarded().Key, "token") + " in its block, or "
}
