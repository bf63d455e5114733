package agents

import (
	"context"
	"net/http/httptrace"
	"sync/atomic"
)

// Sent says whether a server may have seen a request: before it has, the message is NotReached.
// The zero Sent has sent nothing.
type Sent struct{ sent atomic.Bool }

// Load reports whether the server may have seen the request.
func (s *Sent) Load() bool { return s.sent.Load() }

// Watch returns the context to make the request with. Wrote, which may be nil, is called by a
// goroutine of net/http before the first byte leaves the buffer, so that a request which counts as
// unsent is unsent.
func (s *Sent) Watch(ctx context.Context, wrote func()) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		// net/http tries another connection when it wrote nothing to the first.
		GetConn: func(string) { s.sent.Store(false) },
		WroteHeaders: func() {
			s.sent.Store(true)
			if wrote != nil {
				wrote()
			}
		},
	})
}
