package instance

import "sync/atomic"

// LimitsInUse are limits that a reload may replace. Who reads them keeps them for the one
// message that they are read for.
type LimitsInUse struct{ atomic.Pointer[Limits] }

// NewLimitsInUse puts limits in use.
func NewLimitsInUse(l Limits) *LimitsInUse {
	u := &LimitsInUse{}
	u.Store(&l)
	return u
}
