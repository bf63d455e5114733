package delivery

import "context"

// slot is the right to make one call of a platform. Sends and the calls of live parts share
// the slots, and each holds one during its call only.
type slot struct {
	of *platform
	// leftBehind says that a call has the slot that was left behind. It releases it.
	leftBehind bool
}

// acquire waits for a slot, and returns nil when ctx ends before.
func (p *platform) acquire(ctx context.Context) *slot {
	if ctx.Err() != nil { // a call would only fail
		return nil
	}
	select {
	case p.calls <- struct{}{}:
		return &slot{of: p}
	case <-ctx.Done():
		return nil
	}
}

// release gives the slot up, unless a call that was left behind still has it.
func (s *slot) release() {
	if !s.leftBehind {
		<-s.of.calls
	}
}
