package service

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"
)

const (
	headerTimeout = 10 * time.Second
	idleTimeout   = 120 * time.Second
	// pingAfter and pingTimeout find HTTP/2 connections whose other end is gone.
	pingAfter   = 30 * time.Second
	pingTimeout = 15 * time.Second
	// maxStreams bounds the calls at once on one HTTP/2 connection: a gateway in
	// front of us sends all of its users' through one.
	maxStreams = 10_000
	// lastWords is how long a caller whose turn was cancelled has to read so.
	lastWords = time.Second
	// notice is how long requests that still come are told so, while turns are under
	// way, before connections are closed to them: net/http then drops them unanswered.
	notice = 2 * time.Second
)

// Serve answers on l until ctx ends, then shuts down, in this order: new messages
// are refused, nothing more is fetched from platforms or the journal, what is under
// way has up to grace to finish, then the rest is cancelled. It returns once every
// connection is closed and every goroutine has ended.
func (s *Service) Serve(ctx context.Context, l net.Listener, grace time.Duration) error {
	base, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	defer cancel(errDraining)
	s.base = base
	work, err := s.startWork(base)
	if err != nil {
		return err
	}
	server := s.server(base)
	served := make(chan error, 1)
	go func() { served <- server.Serve(l) }()
	select {
	case <-ctx.Done():
	case err := <-served:
		cancel(errDraining)
		work.wait()
		return err
	}

	s.Drain()
	work.stop()
	over := time.AfterFunc(grace, func() {
		s.log.Warn("shutting down: the grace period is over", "cancelled", s.asks.Load())
		cancel(errDraining)
	})
	s.awaitIdle(min(notice, grace))
	err = s.shutdown(base, server)
	work.wait()
	over.Stop()
	if ended := <-served; !errors.Is(ended, http.ErrServerClosed) {
		err = errors.Join(err, ended)
	}
	return err
}

func (s *Service) server(base context.Context) *http.Server {
	return &http.Server{
		Handler:           s.Handler(),
		Protocols:         protocols(),
		HTTP2:             http2Config(),
		BaseContext:       func(net.Listener) context.Context { return base },
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelDebug), // junk from strangers is no news
		ReadHeaderTimeout: headerTimeout,
		IdleTimeout:       idleTimeout,
	}
}

// awaitIdle returns when no turn is under way, or after the time given.
func (s *Service) awaitIdle(most time.Duration) {
	timeout := time.NewTimer(most)
	defer timeout.Stop()
	select {
	case <-s.idle:
	case <-timeout.C:
	}
}

// shutdown closes each connection once it is idle. When base has ended, which also
// cancels the turns, their callers get a moment to be told and no more.
func (s *Service) shutdown(base context.Context, server *http.Server) error {
	moment, stop := context.WithCancel(context.Background())
	defer stop()
	detach := context.AfterFunc(base, func() { time.AfterFunc(lastWords, stop) })
	defer detach()
	if err := server.Shutdown(moment); errors.Is(err, context.Canceled) {
		return server.Close()
	} else if err != nil {
		return err
	}
	return nil
}

// protocols serves HTTP/1.1 and HTTP/2 without TLS on one port.
func protocols() *http.Protocols {
	p := new(http.Protocols)
	p.SetHTTP1(true)
	p.SetUnencryptedHTTP2(true)
	return p
}

func http2Config() *http.HTTP2Config {
	return &http.HTTP2Config{
		MaxConcurrentStreams: maxStreams,
		SendPingTimeout:      pingAfter,
		PingTimeout:          pingTimeout,
		WriteByteTimeout:     writeTimeout,
	}
}
