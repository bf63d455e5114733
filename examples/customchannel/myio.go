package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/manyvox/manyvox/channels"
)

// Type lists the channel, also under the name of the Python class it replaces.
func Type() channels.Type {
	return channels.Type{
		Name: "myio", Aliases: []string{"addons.custom_channel.MyIO"}, RPC: true,
		Example: "username: user_name", New: func() channels.Config { return &MyIO{} },
	}
}

// MyIO is the block "myio:" of credentials.yml, and the channel that it opens.
type MyIO struct {
	Username         string `yaml:"username"`          // who writes when the body does not say
	AnotherParameter string `yaml:"another_parameter"` // the input channel to record
}

// Validate reports a missing username.
func (c *MyIO) Validate() error {
	if c.Username == "" {
		return errors.New("username is required")
	}
	return nil
}

// Open returns the channel.
func (c *MyIO) Open(channels.Env) (channels.Channel, error) { return c, nil }

// Inbound serves POST /webhooks/myio/webhook. A function left out does as Rasa does.
func (c *MyIO) Inbound(in channels.Inbox) http.Handler {
	return channels.Webhook{
		Sender: func(_ *http.Request, b channels.Body) (string, error) {
			from, err := b.ID("from")
			return cmp.Or(from, c.Username), err
		},
		Message: func(_ *http.Request, b channels.Body) (string, error) {
			text, ok, err := b.Text("text")
			if !ok && err == nil {
				err = channels.Errorf(channels.CodeInvalid, `key "text" is missing`)
			}
			return text, err
		},
		InputChannel: func(*http.Request, channels.Body) (string, error) { return c.AnotherParameter, nil },
		Metadata: func(r *http.Request, _ channels.Body) (json.RawMessage, error) {
			if header := r.Header.Get("X-Metadata"); header != "" {
				return json.RawMessage(header), nil // the service checks that it is JSON
			}
			return nil, nil
		},
	}.Inbound(in)
}
