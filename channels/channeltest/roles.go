package channeltest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"

	"github.com/manyvox/manyvox/channels"
)

// checksRoles looks for methods that are named like a role's and are none.
func checksRoles(s subject) error {
	c, err := open(s.typ, s.typ.Example, slog.DiscardHandler)
	if err != nil {
		return fmt.Errorf("its Example does not open: %w", err)
	}
	return channels.CheckRoles(c)
}

// mountsRoutes mounts the routes of the channel, if it has any, as the service does.
func mountsRoutes(s subject) error {
	c, err := open(s.typ, s.typ.Example, slog.DiscardHandler)
	if err != nil {
		return fmt.Errorf("its Example does not open: %w", err)
	}
	m, ok := c.(channels.Mounter)
	if !ok {
		return nil
	}
	routes := m.Mount(&Inbox{})
	if len(routes) == 0 {
		return errors.New("it is a channels.Mounter and mounts nothing")
	}
	mux := http.NewServeMux()
	for _, r := range routes {
		if err := register(mux, r); err != nil {
			return err
		}
	}
	return nil
}

// closes closes the channel, if it is a Closer: as it was opened, which a configuration that is
// not put in use comes to, and after it was in use.
func closes(s subject) error {
	for _, use := range []func(context.Context, channels.Channel) error{
		func(context.Context, channels.Channel) error { return nil }, putInUse,
	} {
		c, err := open(s.typ, s.typ.Example, slog.DiscardHandler)
		if err != nil {
			return fmt.Errorf("its Example does not open: %w", err)
		}
		closer, ok := c.(channels.Closer)
		if !ok {
			return nil
		}
		ctx, cancel := context.WithTimeout(context.Background(), s.patience)
		defer cancel()
		closed := make(chan error, 1)
		go func() { closed <- errors.Join(use(ctx, c), closer.Close(ctx)) }()
		select {
		case err = <-closed:
		case <-ctx.Done():
			return errors.New("its Close, or Run before it, does not end with its context")
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// putInUse makes the channel's handlers and lets it run for a moment.
func putInUse(ctx context.Context, c channels.Channel) error {
	in := &Inbox{}
	c.Inbound(in)
	if m, ok := c.(channels.Mounter); ok {
		m.Mount(in)
	}
	if r, ok := c.(channels.Runner); ok {
		running, stop := context.WithCancel(ctx)
		stop()
		return r.Run(running, in)
	}
	return nil
}

// register registers a route. What net/http panics with becomes the error.
func register(mux *http.ServeMux, r channels.Route) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("route %q: %v", r.Pattern, p)
		}
	}()
	mux.Handle(r.Pattern, r.Handler)
	return nil
}
