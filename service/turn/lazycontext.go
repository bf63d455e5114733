package turn

import (
	"context"
	"sync"
	"time"
)

// lazyContext is context.WithDeadline for one turn that costs next to nothing until
// somebody waits for its end: the timer, and the entry in the caller's context, are
// made by the first call of Done. Most agents that answer at once never make it.
type lazyContext struct {
	context.Context // the caller's
	deadline        time.Time

	mu     sync.Mutex
	inner  context.Context // from the first Done on
	cancel context.CancelFunc
	over   bool
}

func newLazyContext(ctx context.Context, deadline time.Time) *lazyContext {
	if d, ok := ctx.Deadline(); ok && d.Before(deadline) {
		deadline = d
	}
	return &lazyContext{Context: ctx, deadline: deadline}
}

// end ends the context, also for those who ask it later.
func (c *lazyContext) end() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.over = true
	if c.inner != nil {
		c.cancel()
	}
}

// Deadline returns the turn's, or the caller's when that comes first.
func (c *lazyContext) Deadline() (time.Time, bool) { return c.deadline, true }

// Done returns a channel that is closed at the end.
func (c *lazyContext) Done() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.inner != nil:
	case c.over: // first of all, whatever the time
		c.inner, c.cancel = context.WithCancel(c.Context)
		c.cancel()
	default:
		c.inner, c.cancel = context.WithDeadline(c.Context, c.deadline)
	}
	return c.inner.Done()
}

// Err returns why the context has ended.
func (c *lazyContext) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch err := c.Context.Err(); {
	case c.inner != nil:
		return c.inner.Err()
	case err != nil:
		return err
	case c.over:
		return context.Canceled
	case !time.Now().Before(c.deadline):
		return context.DeadlineExceeded
	}
	return nil
}

// Value asks the inner context once there is one, so that package context recognises
// it as its own and needs no goroutine to watch it.
func (c *lazyContext) Value(key any) any {
	c.mu.Lock()
	inner := c.inner
	c.mu.Unlock()
	if inner != nil {
		return inner.Value(key)
	}
	return c.Context.Value(key)
}

var _ context.Context = (*lazyContext)(nil)
