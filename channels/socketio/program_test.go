package socketio_test

import (
	"cmp"
	"context"
	"log/slog"
	"net"
	"testing"
	"time"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/agents/echo"
	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/channels/socketio"
	"github.com/manyvox/manyvox/config"
	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/memory"
	"github.com/manyvox/manyvox/service/setup"
)

// program is the whole service with one channel, on a listener of its own.
type program struct {
	addr, url string
	journal   journal.Journal
	channel   *socketio.Channel
	// stop ends it within grace and returns when it has ended.
	stop func()
}

// programOptions says what a program is made of. The zero value is the echo agent on any port.
type programOptions struct {
	block string // of credentials.yml, indented by two spaces
	addr  string
	// listener is used instead of a new one.
	listener net.Listener
	agent    agents.Agent
	journal  journal.Journal
	cors     []string
	grace    time.Duration
}

// run serves until the test ends.
func run(t testing.TB, s programOptions) *program {
	t.Helper()
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	block, err := config.Parse("credentials.yml", []byte("socketio:\n"+s.block), nil)
	if err != nil {
		t.Fatal(err)
	}
	c, err := setup.LoadCredentials(block, []channels.Type{socketio.Type()}, "", log)
	if err != nil {
		t.Fatal(err)
	}
	if s.journal == nil {
		s.journal = memory.Open()
		t.Cleanup(func() { s.journal.Close() })
	}
	if s.agent == nil {
		s.agent = &echo.Agent{}
	}
	if s.addr == "" {
		s.addr = "127.0.0.1:0"
	}
	l := s.listener
	if l == nil {
		if l, err = new(net.ListenConfig).Listen(t.Context(), "tcp", s.addr); err != nil {
			t.Fatal(err)
		}
	}
	svc := service.New(service.Config{Channels: c.Channels, Journal: s.journal, Agent: s.agent, HTTPOptions: service.HTTPOptions{CORS: s.cors}, Log: log})
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- svc.Serve(ctx, l, cmp.Or(s.grace, waitTimeout)); close(ended) }()
	p := &program{addr: l.Addr().String(), url: "http://" + l.Addr().String(), journal: s.journal, channel: c.Channels[0].Channel.(*socketio.Channel)}
	p.stop = func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("the program ends with %v", err)
		}
	}
	t.Cleanup(p.stop)
	return p
}
