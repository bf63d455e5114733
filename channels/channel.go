package channels

import (
	"context"
	"net/http"
)

// Channel is a place where people write. Further abilities are the one-method roles below
// and in this package's other files. The service finds them by type assertion.
type Channel interface {
	// Inbound returns the handler of everything under /webhooks/<name>/, called with
	// that prefix removed, or nil for a channel that has no webhook. The service calls
	// Inbound exactly once per instance, right after Open, and the channel calls no method
	// of in before it is given a request. Before the service calls the handler, it limits
	// the size of the body and decompresses it. It answers the health route itself.
	Inbound(in Inbox) http.Handler
}

// Sender is the role of a channel that can send at any time.
type Sender interface {
	// Send makes one platform call. It is called concurrently, but never for two
	// parts of one conversation at once, and must end with ctx.
	Send(ctx context.Context, p Part) (Receipt, error)
}

// Fitter is the role of a Sender whose platform does not show every part as it is.
type Fitter interface {
	// Fit turns a part of a single kind into parts that Send can send in one call
	// each: it cuts at the platform's lengths and replaces what the platform lacks.
	// It is called once, before the part is queued, and is pure. The service numbers
	// the parts afterwards, so Fit leaves ID alone.
	Fit(p Part) []Part
}

// Addresser is the role of a Sender that knows where to send to from the sender alone.
type Addresser interface {
	// Address returns the address of a sender that has not written yet, "" when the
	// sender itself is the address. It is pure. Its error is shown to whoever wants to
	// send.
	Address(sender string) (string, error)
}

// Runner is the role of a channel that fetches its messages: polling, sockets.
type Runner interface {
	// Run works until ctx ends, then returns nil. It is called once per start.
	// An error restarts it with backoff.
	Run(ctx context.Context, in Inbox) error
}

// Incomplete is the role of a channel that works without some of its keys.
type Incomplete interface {
	// Missing returns keys that are not set and what follows from that, such as
	// "session_secret (sessions end with the program)".
	Missing() []string
}

// Signed is the role of a channel whose platform signs what it sends.
type Signed interface {
	// Signed reports whether the channel verifies the signatures: it may lack the secret
	// for that. It is asked of the open channel.
	Signed() bool
}

// Guarded is the role of a channel whose callers show a token.
type Guarded interface {
	Guarded() Guard
}

// Guard is what a caller must show. Embedded in a channel's Config and in the
// channel, it gives both the key and the role.
type Guard struct {
	// Token is asked of every caller, by webhooks and RPC alike, as "Authorization: Bearer …"
	// or "?token=…". Without it, and without --auth-token, anyone may write.
	Token Secret `yaml:"token"`
	// Key is what the token is called in the channel's block; empty means "token".
	Key string `yaml:"-"`
}

// Guarded returns g.
func (g Guard) Guarded() Guard { return g }

var _ Guarded = Guard{}
