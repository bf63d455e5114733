package socketio

import "time"

// bucket is a token bucket: it lets through perSecond events a second, and after a pause
// as many at once. It has no lock: one goroutine uses it at a time.
type bucket struct {
	perSecond float64
	left      float64
	at        time.Time
}

func newBucket(perSecond int) bucket {
	return bucket{perSecond: float64(perSecond), left: float64(perSecond)}
}

// allow reports whether one more event may pass now, and counts it.
func (r *bucket) allow(now time.Time) bool {
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
