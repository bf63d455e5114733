package socketio

import "time"

// bucket is a token bucket: perSecond events a second pass, and after a pause as many at
// once. It has no lock: one goroutine uses it at a time.
type bucket struct {
	perSecond float64
	left      float64
	at        time.Time
}

func newBucket(perSecond int) bucket {
	return bucket{perSecond: float64(perSecond), left: float64(perSecond)}
}

// take counts one more event and returns how long it must wait.
func (r *bucket) take(now time.Time) time.Duration {
	if !r.at.IsZero() {
		r.left = min(r.perSecond, r.left+r.perSecond*now.Sub(r.at).Seconds())
	}
	r.at = now
	r.left--
	return time.Duration(max(0, -r.left/r.perSecond) * float64(time.Second))
}
