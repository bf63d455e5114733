package cmd

import (
	"context"
	"log/slog"
	"net"

	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/journal"
)

// openStore opens the store, and waits for one that is away as long as --store-wait says.
// Meanwhile the program answers on the listener that it starts. The listener is nil when
// another program has the port.
func (c *runCommand) openStore(ctx context.Context, p Program, l *loaded, listener *net.TCPListener, log *slog.Logger) (service.Config, error) {
	if listener != nil {
		defer service.Starting(listener, log)()
		if p.Starting != nil {
			p.Starting(listener.Addr())
		}
	}
	store, health, err := l.OpenStore(ctx, journal.Env{DataDir: c.DataDir, Log: log, Retention: l.Retention, StoreWait: c.StoreWait})
	if err != nil {
		return service.Config{}, err
	}
	return service.Config{Journal: store, JournalHealth: health, Log: log}, nil
}
