package instance

import (
	"context"
	"log/slog"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/worker"
)

// closeTimeout bounds one call of Close.
const closeTimeout = 10 * time.Second

// Close closes a channel that nothing calls any more, if it is a Closer. What goes wrong is
// logged.
func (c *Config) Close(ctx context.Context, log *slog.Logger) {
	if closer, ok := c.Channel.(channels.Closer); ok {
		Close(ctx, log, "channel "+c.Name, closer)
	}
}

// Close closes what nothing calls any more. What goes wrong is logged, under its name.
func Close(ctx context.Context, log *slog.Logger, name string, closer channels.Closer) {
	ctx, cancel := context.WithTimeout(ctx, closeTimeout)
	defer cancel()
	err := func() (err error) {
		defer worker.Recover(&err)
		return closer.Close(ctx)
	}()
	if err != nil {
		log.Error("not closed", "what", name, "error", err)
	}
}
