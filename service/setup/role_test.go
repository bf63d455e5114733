package setup_test

import (
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/config"
	"github.com/manyvox/manyvox/service/setup"
)

// misshapen is a type whose channels have a method that is named like a role's.
func misshapen() channels.Type {
	return channels.Type{Name: "misshapen", New: func() channels.Config { return &misshapenConfig{} }}
}

type misshapenConfig struct {
	channels.Webhook `yaml:"-"`

	Panics bool `yaml:"panics"`
}

func (*misshapenConfig) Validate() error { return nil }

func (c *misshapenConfig) Open(channels.Env) (channels.Channel, error) {
	if c.Panics {
		return panicking{}, nil
	}
	return c, nil
}

func (*misshapenConfig) Mount(channels.Inbox) (string, http.Handler) { return "", nil }

// panicking is a channel that cannot be mounted.
type panicking struct{}

func (panicking) Inbound(channels.Inbox) http.Handler { panic("no handler") }

// A channel whose method would never be called does not start, and one that panics ends
// nothing but its own start.
func TestCredentialsOfAMisshapenChannel(t *testing.T) {
	t.Parallel()
	for file, want := range map[string]string{
		"\nmisshapen:": "credentials.yml:2: channel misshapen: its method Mount(channels.Inbox) (string, http.Handler) is named like a role's: " +
			"it should be Mount(channels.Inbox) []channels.Route, or have another name",
		"misshapen: {panics: true}": "credentials.yml:1: channel misshapen: panic: no handler\n",
	} {
		block, err := config.Parse("credentials.yml", []byte(file), nil)
		if err != nil {
			t.Fatal(err)
		}
		_, err = setup.LoadCredentials(block, []channels.Type{misshapen()}, "", slog.New(slog.DiscardHandler))
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("error %v, want %s", err, want)
		}
	}
}
