package channels

import "context"

// Authorizer is the role of an Inbox for channels whose callers may show the token in a
// place that the service does not know, as in the first packet of a socket. A channel that
// takes plain requests need not use it: their token is found by itself.
type Authorizer interface {
	// Authorize asks for the token that guards the channel, if there is one. Ctx is that
	// of the caller's request; a token that is not empty wins over the request's own. It
	// returns the context with which Post and Ask are to be called for this caller: they
	// ask again. Its error, of type *Error, is the caller's.
	Authorize(ctx context.Context, token string) (context.Context, error)
}
