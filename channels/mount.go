package channels

import "net/http"

// Mounter is the role of a channel whose clients call a path of its own, outside
// /webhooks.
type Mounter interface {
	// Mount returns the path, such as "/socket.io", and the handler of all requests to
	// it, with and without a slash behind it. The service calls Mount once per start,
	// besides calls with nil by which it learns the path. It has limited the body's size
	// and refused pages of origins that --cors does not list; it asks for no token. A
	// connection that the handler takes over is the channel's to end: as a Runner it
	// learns when.
	Mount(in Inbox) (path string, h http.Handler)
}

// Incomplete is the role of a channel that works with less than it could have.
type Incomplete interface {
	// Missing returns keys that are not set and what follows from that, such as
	// "jwt_key (anyone may write)".
	Missing() []string
}
