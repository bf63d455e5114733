package channels

import "net/http"

// Mounter is the role of a channel whose clients call paths outside /webhooks.
type Mounter interface {
	// Mount returns the routes. The service calls it once per instance, right after Open,
	// and no method of in before it serves the routes. Before it calls a handler, it
	// limits the size of the body and refuses pages of origins that --cors does not list.
	// It asks for no token. A route that the service or another channel serves too ends the
	// start. The channel must end the connections that a handler has hijacked: as a Runner
	// it learns when.
	Mount(in Inbox) []Route
}

// Route is where a channel's clients call it.
type Route struct {
	// Pattern is in the language of net/http's ServeMux, such as "/socket.io" or
	// "GET /hub/{room}". It matches nothing more than it says: "/hub/" is another route.
	Pattern string
	Handler http.Handler
}
