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
	// notice is how long requests that still come are told so, while turns are under
	// way, before connections are closed to them: net/http then drops them unanswered.
	notice = 2 * time.Second
)

// Serve answers on l until ctx ends, then shuts down: new messages are refused,
// turns under way have up to grace to finish, then what is left is cancelled. It
// returns once every connection is closed.
func (s *Service) Serve(ctx context.Context, l net.Listener, grace time.Duration) error {
	base, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	defer cancel(errDraining)
	server := &http.Server{
		Handler:           s.Handler(),
		Protocols:         protocols(),
		HTTP2:             http2Config(),
		BaseContext:       func(net.Listener) context.Context { return base },
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelDebug), // junk from strangers is no news
		ReadHeaderTimeout: headerTimeout,
		IdleTimeout:       idleTimeout,
	}
	running, stopRunners := context.WithCancel(base)
	defer s.startRunners(running)()
	defer stopRunners()
	served := make(chan error, 1)
	go func() { served <- server.Serve(l) }()
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}

	s.Drain()
	stopRunners()
	graceful, stop := context.WithTimeout(base, grace)
	defer stop()
	s.awaitIdle(min(notice, grace))
	err := server.Shutdown(graceful)
	if errors.Is(err, context.DeadlineExceeded) {
		err = s.cut(server, cancel)
	}
	if ended := <-served; !errors.Is(ended, http.ErrServerClosed) {
		err = errors.Join(err, ended)
	}
	return err
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

// cut cancels the turns that outlasted the grace period, gives their callers a
// moment to be told, and closes what is left.
func (s *Service) cut(server *http.Server, cancel context.CancelCauseFunc) error {
	s.log.Warn("shutting down: the grace period is over", "cancelled", s.asks.Load())
	cancel(errDraining)
	moment, stop := context.WithTimeout(context.Background(), time.Second)
	defer stop()
	if err := server.Shutdown(moment); errors.Is(err, context.DeadlineExceeded) {
		return server.Close()
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
