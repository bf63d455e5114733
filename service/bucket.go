package service

import (
	"time"

	"golang.org/x/time/rate"

	"github.com/manyvox/manyvox/channels"
)

const (
	// mostBooked is how many rows a bucket remembers.
	mostBooked = 100_000
	// bookingGrace is how much later than booked a row may come.
	bookingGrace = time.Second
)

// bucket holds the tokens of a rate. Whoever finds none may book a later time, so that
// many who wait come back one by one. A token is taken only when it is used: however
// late those with a booking come, the rate holds. It is not for concurrent use.
type bucket struct {
	tokens *rate.Limiter
	every  time.Duration
	// booked are the rows that will come again, the last of them at last.
	booked map[int64]struct{}
	last   time.Time
}

func newBucket(r channels.Rate) *bucket {
	limit := rate.Limit(float64(r.Count) / r.Per.Seconds())
	return &bucket{tokens: rate.NewLimiter(limit, max(1, r.Burst)), every: r.Every(), booked: map[int64]struct{}{}}
}

// wait returns how long it takes until there are n tokens.
func (b *bucket) wait(n int, now time.Time) time.Duration {
	lack := float64(n) - b.tokens.TokensAt(now)
	if lack <= 0 {
		return 0
	}
	return time.Duration(lack / float64(b.tokens.Limit()) * float64(time.Second))
}

// take takes a token, also one that there will be only after the wait.
func (b *bucket) take(now time.Time) { b.tokens.ReserveN(now, 1) }

// isIdle reports whether the bucket is as good as new.
func (b *bucket) isIdle(now time.Time) bool {
	return b.tokens.TokensAt(now) >= float64(b.tokens.Burst()) && !b.isAwaited(now)
}

// isAwaited reports whether rows with a booking are still to come.
func (b *bucket) isAwaited(now time.Time) bool {
	if now.Sub(b.last) > bookingGrace { // who has not come by now is gone
		clear(b.booked)
	}
	return len(b.booked) > 0
}

// isNext reports whether a row need not stand behind the rows with a booking.
func (b *bucket) isNext(row int64, now time.Time) bool {
	if !b.isAwaited(now) {
		return true
	}
	_, booked := b.booked[row]
	return booked
}

// free returns the first time that is not booked, which is not now.
func (b *bucket) free(now time.Time) time.Time {
	soonest := now.Add(max(b.wait(1, now), b.every))
	if next := b.last.Add(b.every); next.After(soonest) {
		return next
	}
	return soonest
}

// book keeps a time for a row. A row that cannot be remembered comes among the last.
func (b *bucket) book(row int64, at time.Time) {
	if _, again := b.booked[row]; !again && len(b.booked) >= mostBooked {
		return
	}
	b.booked[row] = struct{}{}
	b.last = at
}
