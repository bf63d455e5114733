package service

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/manyvox/manyvox/service/instance"
	"github.com/manyvox/manyvox/service/server"
	"github.com/manyvox/manyvox/service/turn"
)

const (
	// endTime is how long a caller whose turn was cancelled has to read why.
	endTime = time.Second
	// refusalTime is how long requests that still come are refused in words, while turns
	// are in flight, before connections are closed to them: net/http then drops them
	// unanswered.
	refusalTime = 2 * time.Second
)

// Serve answers on l until ctx ends, then shuts down, in this order: new messages
// are refused, nothing more is fetched from platforms or the journal, what is in
// flight has up to grace to finish, then the rest is cancelled. It returns once every
// connection is closed and every goroutine has ended. It is called once.
func (s *Service) Serve(ctx context.Context, l net.Listener, grace time.Duration) error {
	defer s.closeAll()
	defer s.end(instance.ErrDraining)
	work, err := s.startWork(s.base)
	if err != nil {
		return err
	}
	httpServer := server.New(s.base, s.port, s.maxStreams, s.log)
	served := make(chan error, 1)
	go func() { served <- httpServer.Serve(l) }()
	select {
	case <-ctx.Done():
		s.log.Info("shutting down: what is in flight may go on, a second signal ends it", "atMost", grace)
	case err := <-served:
		s.Drain()
		s.reloads.await()
		s.end(instance.ErrDraining)
		work.wait()
		return errors.Join(err, httpServer.Close())
	}

	s.Drain()
	s.reloads.await() // one that is under way has started what it will
	work.stop()
	over := time.AfterFunc(grace, func() {
		s.log.Warn("shutting down: the grace period is over", "cancelled", s.inFlight.Count())
		s.end(instance.ErrDraining)
	})
	s.awaitIdle(min(refusalTime, grace))
	err = s.shutdown(httpServer)
	work.wait()
	over.Stop()
	if ended := <-served; !errors.Is(ended, http.ErrServerClosed) {
		err = errors.Join(err, ended)
	}
	return err
}

// closeAll closes the channels and the agent, whose calls have ended but for those that were
// left behind. First nobody finds the channels any more: whoever does enters them.
func (s *Service) closeAll() {
	list := s.channels.All()
	s.port.Serve(nil)
	s.channels.Replace(nil)
	s.deliveries.Replace(nil)
	for _, in := range list {
		in.Retire()
		s.closings.add("channel "+in.Name, in.Channel, in.Uses)
	}
	s.closeAgents(s.turns.RetireAgents())
	s.closings.wait()
}

// closeAgents closes agents that are not in use any more, each after its last turn.
func (s *Service) closeAgents(gone []turn.Retired) {
	for _, a := range gone {
		s.closings.add(strings.TrimSpace("agent "+a.Name), a.Agent, a.Uses)
	}
}

// awaitIdle returns when no turn is in flight, or after the time given.
func (s *Service) awaitIdle(atMost time.Duration) {
	timeout := time.NewTimer(atMost)
	defer timeout.Stop()
	select {
	case <-s.inFlight.Idle():
	case <-timeout.C:
	}
}

// shutdown closes each connection once it is idle. When base has ended, which also
// cancels the turns, their callers get endTime to read why and no more.
func (s *Service) shutdown(httpServer *http.Server) error {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	detach := context.AfterFunc(s.base, func() { time.AfterFunc(endTime, stop) })
	defer detach()
	if err := httpServer.Shutdown(ctx); errors.Is(err, context.Canceled) {
		return httpServer.Close()
	} else if err != nil {
		return err
	}
	return nil
}
