package service

import (
	"context"
	"log/slog"
	"net"
	"time"

	"github.com/manyvox/manyvox/service/server"
)

// Starting answers on l while the store is opened: /healthz, and everything else with 503.
// Stop ends that, and returns once l can be given to Serve. A connection that comes in
// between waits in the queue of l, so that nobody is turned away. It is called once.
func Starting(l *net.TCPListener, log *slog.Logger) (stop func()) {
	httpServer := server.New(context.Background(), server.Starting(), 0, log)
	httpServer.SetKeepAlivesEnabled(false) // the next request is for Serve
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = httpServer.Serve(lentListener{l}) // ends by stop, or tells of a listener that Serve finds broken too
	}()
	return func() {
		ctx, cancel := context.WithTimeout(context.Background(), endTime)
		defer cancel()
		if err := httpServer.Shutdown(ctx); err != nil {
			_ = httpServer.Close() // whoever has sent nothing by now comes again
		}
		<-served
		_ = l.SetDeadline(time.Time{}) // fails only when l is closed
	}
}

// lentListener is a listener that its server does not close: Close ends Accept alone.
type lentListener struct{ *net.TCPListener }

// Close ends Accept.
func (l lentListener) Close() error { return l.SetDeadline(time.Unix(1, 0)) }

var _ net.Listener = lentListener{}
