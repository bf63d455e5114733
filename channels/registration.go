package channels

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"time"
)

// Registration tells a platform where to deliver, for a Runner whose platform takes that by a
// call. A platform that is down stops no start. The fields are set before it is used.
type Registration struct {
	Log *slog.Logger
	// Register makes the call.
	Register func(context.Context) error

	mu   sync.Mutex
	last time.Time
	err  error
}

// registerAgain is how soon again makes the call again.
const registerAgain = 10 * time.Second

// Keep registers, however long that takes, and waits for the end of ctx.
func (r *Registration) Keep(ctx context.Context) {
	if (Loop{Log: r.Log, Failed: "webhook not set"}).Until(ctx, r.Register) {
		r.Log.InfoContext(ctx, "webhook set")
		<-ctx.Done()
	}
}

// again registers once more, for a route by which anyone may ask for it: within 10 seconds the
// error of the last time is returned.
func (r *Registration) again(ctx context.Context) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if time.Since(r.last) < registerAgain {
		return r.err
	}
	r.err = r.Register(ctx)
	r.last = time.Now()
	if r.err != nil {
		r.Log.WarnContext(ctx, "webhook not set", "error", r.err)
	}
	return r.err
}

// Handler serves GET and POST of such a route: it answers 200 with one text or the other.
func (r *Registration) Handler(done, failed string) http.HandlerFunc {
	return func(w http.ResponseWriter, req *http.Request) {
		if !allowMethods(w, req, http.MethodGet, http.MethodPost) {
			return
		}
		answer := done
		if r.again(req.Context()) != nil {
			answer = failed
		}
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = io.WriteString(w, answer) // a caller that is gone needs no answer
	}
}
