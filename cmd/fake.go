package cmd

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/manyvox/manyvox/channels"
)

// fakeCommand serves the fake platform of a channel.
type fakeCommand struct {
	Type    string `arg:"" help:"The type of the channel, such as telegram."`
	Address string `default:"127.0.0.1:8081" placeholder:"HOST:PORT" help:"Where to listen (${default})."`
}

// fakeHeaderTimeout bounds how long a caller takes to send its headers.
const fakeHeaderTimeout = 10 * time.Second

// Help says what the fake is for.
func (*fakeCommand) Help() string {
	return "A platform on this machine, to try a channel with before there is an account: it checks, " +
		"delivers and refuses as the real one does. Its page in a browser is where one writes and sees, " +
		"with the requests beside it, and says which block of credentials.yml connects to it."
}

// Run serves until ctx ends.
func (c *fakeCommand) Run(ctx context.Context, p Program) error {
	i := slices.IndexFunc(p.Channels, func(t channels.Type) bool { return t.Name == c.Type && t.Fake != nil })
	if i < 0 {
		return usageError{fmt.Errorf("%s has no fake: expected one of %s", c.Type, strings.Join(p.fakes(), ", "))}
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", c.Address)
	if err != nil {
		return fmt.Errorf("--address: %w", err)
	}
	fmt.Fprintf(p.Stdout, "the fake of %s is at http://%s/\n", c.Type, l.Addr())
	fake := p.Channels[i].Fake(channels.FakeEnv{Context: ctx, Dial: new(net.Dialer).DialContext})
	server := &http.Server{
		Handler: fake, ReadHeaderTimeout: fakeHeaderTimeout,
		BaseContext: func(net.Listener) context.Context { return ctx },
	}
	stop := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stop()
	if err := server.Serve(l); ctx.Err() == nil {
		return fmt.Errorf("fake: %w", err)
	}
	return nil
}

// fakes are the names of the types that have a fake.
func (p Program) fakes() (names []string) {
	for _, t := range p.Channels {
		if t.Fake != nil {
			names = append(names, t.Name)
		}
	}
	return names
}
