package socketio

import "time"

// rate lets through so many events a second, after a pause as many at once. It belongs
// to one goroutine at a time.
type rate struct {
	perSecond float64
	left      float64
	at        time.Time
}

func newRate(perSecond int) rate {
	return rate{perSecond: float64(perSecond), left: float64(perSecond)}
}

// allow reports whether one more may pass.
func (r *rate) allow(now time.Time) bool {
	if !r.at.IsZero() {
		r.left = min(r.perSecond, r.left+r.perSecond*now.Sub(r.at).Seconds())
	}
	r.at = now
	if r.left < 1 {
		return false
	}
	r.left--
	return true
}
