package channeltest

import (
	"context"
	"log/slog"
	"net"
	"net/url"
	"testing"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/config"
)

// file is where the blocks under test claim to stand.
const file = "credentials.yml"

// Open opens a channel as the service does. The block is what stands under its name
// in credentials.yml, not indented.
func Open(t testing.TB, typ channels.Type, block string) channels.Channel {
	t.Helper()
	c, err := open(typ, block, slog.NewTextHandler(t.Output(), nil))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func open(typ channels.Type, block string, log slog.Handler) (channels.Channel, error) {
	config, err := decode(typ, block)
	if err != nil {
		return nil, err
	}
	return start(typ, config, log)
}

// decode reads a block strictly into the type's defaults.
func decode(typ channels.Type, block string) (channels.Config, error) {
	b, err := config.Parse(file, []byte(block), nil)
	if err != nil {
		return nil, err
	}
	config := typ.New()
	return config, b.Named("channel " + typ.Name).Decode(config)
}

func start(typ channels.Type, config channels.Config, log slog.Handler) (channels.Channel, error) {
	return startWith(new(localDialer).dial, typ, config, log)
}

// startWith opens a channel that connects by dial.
func startWith(dial dialFunc, typ channels.Type, config channels.Config, log slog.Handler) (channels.Channel, error) {
	if err := config.Validate(); err != nil {
		return nil, err
	}
	return config.Open(channels.Env{
		Name: typ.Name, Log: slog.New(log), Dial: dial, DialPublic: dial,
		PublicURL: publicURL, Sign: signFor(typ.Name), Record: record,
	})
}

// publicURL is the Env.PublicURL of a channel under test.
const publicURL = "https://manyvox.example"

// signFor returns the Env.Sign of a channel under test. Its links open nothing.
func signFor(name string) func(string, time.Duration) string {
	return func(ref string, life time.Duration) string {
		return publicURL + "/webhooks/" + name + "/media/" + url.PathEscape(ref) + "?life=" + life.String()
	}
}

// dialFunc is the type of Env.Dial.
type dialFunc = func(ctx context.Context, network, address string) (net.Conn, error)
