package channels

import "net/http"

// Mounter is the role of a channel whose clients call a path of its own, outside
// /webhooks.
type Mounter interface {
	// Mount returns the path, such as "/socket.io", and the handler of all requests to
	// it, with and without a slash behind it. The service calls Mount once per start,
	// and further times with nil, only for the path. Before it calls the handler, it
	// limits the size of the body and refuses pages of origins that --cors does not
	// list. It asks for no token. The channel must end the connections that the handler
	// has hijacked: as a Runner it learns when.
	Mount(in Inbox) (path string, h http.Handler)
}
