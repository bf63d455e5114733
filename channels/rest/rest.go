// Package rest is the channel for programs: a JSON object comes in by POST and the
// replies go back in the answer, collected or one line each. It is Rasa's REST
// channel: https://rasa.com/docs/rasa/connectors/your-own-website/#restinput
package rest

import (
	"fmt"

	"github.com/manyvox/manyvox/channels"
)

// Type lists the channel.
func Type() channels.Type {
	return channels.Type{
		Name:    "rest",
		Aliases: []string{"rasa.core.channels.rest.RestInput"},
		Takes:   []channels.Kind{channels.KindText, channels.KindAttachment},
		RPC:     true,
		New:     func() channels.Config { return &Config{OnError: OnErrorFail} },
	}
}

// The values of on_error.
const (
	OnErrorFail    = "error"
	OnErrorPartial = "partial"
)

// Config is the block "rest:".
type Config struct {
	// Guard holds the key token.
	channels.Guard
	// OnError says what a collected answer is when the assistant fails: "error" answers
	// with the error's status, "partial" with 200 and the replies so far, as Rasa does.
	// Default error.
	OnError string `yaml:"on_error"`
}

// Validate checks on_error.
func (c *Config) Validate() error {
	if c.OnError != OnErrorFail && c.OnError != OnErrorPartial {
		return fmt.Errorf("on_error: expected %q or %q", OnErrorFail, OnErrorPartial)
	}
	return nil
}

// Open returns the channel.
func (c *Config) Open(channels.Env) (channels.Channel, error) {
	return &Channel{
		Guard:   c.Guard,
		Webhook: channels.Webhook{Partial: c.OnError == OnErrorPartial},
	}, nil
}

// Channel is a REST channel.
type Channel struct {
	channels.Guard
	channels.Webhook
}

var (
	_ channels.Channel = (*Channel)(nil)
	_ channels.Guarded = (*Channel)(nil)
)
