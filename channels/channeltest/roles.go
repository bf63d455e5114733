package channeltest

import (
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
