package servicetest

import (
	"log/slog"
	"testing"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/channels/rest"
	"github.com/manyvox/manyvox/config"
	"github.com/manyvox/manyvox/service/instance"
	"github.com/manyvox/manyvox/service/setup"
)

// Channels opens the channels of a credentials.yml. Beside the types given it knows
// the type rest.
func Channels(t *testing.T, credentials string, types ...channels.Type) []*instance.Config {
	t.Helper()
	block, err := config.Parse("credentials.yml", []byte(credentials), nil)
	if err != nil {
		t.Fatal(err)
	}
	c, err := setup.LoadCredentials(block, append([]channels.Type{rest.Type()}, types...), "", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return c.Channels
}
