package channels

import (
	"cmp"
	"context"
	"log/slog"
	"time"
)

const (
	loopPause    = time.Second
	maxLoopPause = time.Minute
)

// Loop does something again and again, for a Runner. A step that fails is logged, and the next
// one waits: twice as long after each failure in a row, or as long as the platform asks for.
type Loop struct {
	// Log gets a warning of each failure, with Failed: "updates not fetched".
	Log    *slog.Logger
	Failed string
	// Pause follows the first failure, default 1s, and is doubled up to MaxPause, default 1m.
	Pause, MaxPause time.Duration
}

// Run repeats step until ctx ends, and returns nil then. It returns an error that does not pass:
// a *SendError of the class unauthorized, rejected or gone.
func (l Loop) Run(ctx context.Context, step func(context.Context) error) error {
	for failures := 0; ctx.Err() == nil; {
		err := step(ctx)
		if err == nil {
			failures = 0
			continue
		}
		if !passes(err) && ctx.Err() == nil {
			return err
		}
		failures++
		l.wait(ctx, failures, err)
	}
	return nil
}

// Until repeats step until it succeeds, whatever its error is, or ctx ends: then it reports
// false.
func (l Loop) Until(ctx context.Context, step func(context.Context) error) (done bool) {
	for failures := 1; ctx.Err() == nil; failures++ {
		err := step(ctx)
		if err == nil {
			return true
		}
		l.wait(ctx, failures, err)
	}
	return false
}

// passes reports whether the next step may succeed.
func passes(err error) bool {
	switch AsSendError(err).Class { // the others do
	case SendUnauthorized, SendRejected, SendGone:
		return false
	}
	return true
}

// wait waits after the nth failure in a row, unless ctx ends.
func (l Loop) wait(ctx context.Context, n int, err error) {
	if ctx.Err() != nil {
		return
	}
	longest := cmp.Or(l.MaxPause, maxLoopPause)
	pause := cmp.Or(l.Pause, loopPause)
	for range n - 1 {
		if pause = min(2*pause, longest); pause == longest {
			break
		}
	}
	pause = max(pause, AsSendError(err).RetryAfter)
	l.Log.WarnContext(ctx, l.Failed, "error", err, "again_in", pause)
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
