package slack

import (
	"context"
	"log/slog"
	"sync/atomic"

	"github.com/manyvox/manyvox/channels"
)

// Type lists the channel.
func Type() channels.Type {
	return channels.Type{
		Name:     "slack",
		Aliases:  []string{"rasa.core.channels.slack.SlackInput"},
		Replicas: true,
		Example:  "slack_token: xoxb-123\nslack_signing_secret: 8f742231b10e8888abcd99yyyzzz85a5",
		New:      func() channels.Config { return newConfig() },
	}
}

// Channel is an app in a workspace.
type Channel struct {
	config *Config
	log    *slog.Logger
	record func(context.Context, channels.Exchange)
	// me is who we are, nil while that is not known.
	me atomic.Pointer[identity]
}

func newChannel(c *Config, env channels.Env) *Channel {
	return &Channel{config: c, log: env.Log, record: env.Record}
}

// identity is who the token belongs to.
// https://docs.slack.dev/reference/methods/auth.test
type identity struct {
	Team     string `json:"team_id"`
	TeamName string `json:"team"`
	User     string `json:"user_id"`
	UserName string `json:"user"`
	// Enterprise says that an organisation has installed the app: the token is that of all
	// its workspaces.
	Enterprise bool `json:"is_enterprise_install"`
}

// known returns who we are, as far as that is known.
func (c *Channel) known() identity {
	if me := c.me.Load(); me != nil {
		return *me
	}
	return identity{}
}

// Signed reports true: what comes by webhook is signed, and a socket is opened by our token.
func (c *Channel) Signed() bool { return true }

var (
	_ channels.Channel = (*Channel)(nil)
	_ channels.Signed  = (*Channel)(nil)
)
