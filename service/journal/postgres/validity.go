package postgres

import (
	"context"
	"sync"
	"time"
)

// validity is a time in which this process may rely on its lease. Renewals extend it as
// long as they come before its end. One that comes later begins another: in the gap others
// may have taken claims over, also when the replica's row is still there.
//
// It is a context, which a timer ends. The timer of a process that was frozen fires some
// time after it woke. So whoever must not be wrong asks isCertain, which looks at the clock.
type validity struct {
	context.Context
	cancel context.CancelFunc
	timer  *time.Timer

	mu    sync.Mutex
	until time.Time
}

func newValidity(until time.Time) *validity {
	v := &validity{until: until}
	v.Context, v.cancel = context.WithCancel(context.Background())
	v.timer = time.AfterFunc(time.Until(until), v.cancel)
	return v
}

// isCertain reports whether nobody else can have taken this process for dead. It asks both
// clocks: the monotonic one stands still while the machine sleeps, and the wall clock may be
// set back. Once it reports false it never reports true again.
func (v *validity) isCertain() bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	now := time.Now()
	if v.Err() == nil && now.Before(v.until) && now.Round(0).Before(v.until.Round(0)) {
		return true
	}
	v.cancel()
	return false
}

// extend moves the end. It reports false when it was too late for that.
func (v *validity) extend(until time.Time) bool {
	if v == nil || !v.isCertain() {
		return false
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.until = until
	v.timer.Stop()
	v.timer = time.AfterFunc(time.Until(until), v.cancel)
	return v.Err() == nil
}

// end ends it before its time. It may be nil.
func (v *validity) end() {
	if v == nil {
		return
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.timer.Stop()
	v.cancel()
}
