package cmd

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"

	"github.com/manyvox/manyvox/service"
)

// validateMetricsAddress reports an address that cannot be one.
func (c *runCommand) validateMetricsAddress() error {
	if c.MetricsAddress == "" {
		return nil
	}
	if _, _, err := net.SplitHostPort(c.MetricsAddress); err != nil {
		return errors.New("--metrics-address: expected an address such as 127.0.0.1:9090, or :9090 for every interface")
	}
	return nil
}

// serveMetrics serves /metrics on --metrics-address until stop is called, which waits for
// its end. Without the flag it does nothing.
func (c *runCommand) serveMetrics(ctx context.Context, log *slog.Logger, s *service.Service) (stop func(), err error) {
	if c.MetricsAddress == "" {
		return func() {}, nil
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", c.MetricsAddress)
	if err != nil {
		return nil, fmt.Errorf("--metrics-address %s: %w", c.MetricsAddress, listenCause(err))
	}
	log.Info("metrics ready, without a token", "url", "http://"+l.Addr().String()+"/metrics")
	// The metrics are told until the last turn has ended, so they outlive ctx.
	serving, end := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := s.ServeMetrics(serving, l); err != nil {
			log.Error("metrics are not served any more", "error", err)
		}
	}()
	return func() { end(); <-done }, nil
}
