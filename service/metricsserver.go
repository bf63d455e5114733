package service

import (
	"context"
	"net"

	"github.com/manyvox/manyvox/service/server"
)

// ServeMetrics answers GET /metrics on l, and nothing else, without asking for a token. It
// returns once ctx has ended and every connection is closed. The caller ends ctx after
// Serve has returned, so that the shutdown can be watched.
func (s *Service) ServeMetrics(ctx context.Context, l net.Listener) error {
	httpServer := server.New(context.WithoutCancel(ctx), server.MetricsAlone(s.metrics.Handler()), 0, s.log)
	served := make(chan error, 1)
	go func() { served <- httpServer.Serve(l) }()
	select {
	case <-ctx.Done():
	case err := <-served:
		return err
	}
	within, cancel := context.WithTimeout(context.WithoutCancel(ctx), endTime)
	defer cancel()
	err := httpServer.Shutdown(within)
	if err != nil {
		err = httpServer.Close()
	}
	<-served //nolint:errcheck // it was told to end
	return err
}
