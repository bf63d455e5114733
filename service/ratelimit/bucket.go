package ratelimit

import (
	"time"

	"golang.org/x/time/rate"

	"github.com/manyvox/manyvox/channels"
)

const (
	// maxBooked is how many rows a bucket remembers.
	maxBooked = 100_000
	// bookingGrace is how much later than booked a row may come.
	bookingGrace = time.Second
)

// Bucket holds the tokens of a rate. A row that finds none may book a later time. A
// token is taken only when it is used, so the rate holds however late the rows with a
// booking come. A Bucket is not for concurrent use.
type Bucket struct {
	rate     channels.Rate
	programs int // that share the rate
	tokens   *rate.Limiter
	every    time.Duration
	// booked are the rows that will come again, the last of them at last.
	booked map[int64]struct{}
	last   time.Time
}

// NewBucket returns a full bucket. The rate must not be zero.
func NewBucket(r channels.Rate) *Bucket {
	return &Bucket{
		rate: r, programs: 1, tokens: rate.NewLimiter(limitOf(r, 1), max(1, r.Burst)), every: r.Every(), booked: map[int64]struct{}{},
	}
}

// Share leaves the bucket its part of the rate where so many programs keep to it: a part of
// the count and of the burst, but one token at least.
func (b *Bucket) Share(programs int, now time.Time) {
	if programs = max(1, programs); programs == b.programs {
		return
	}
	b.programs = programs
	b.every = b.rate.Every() * time.Duration(programs)
	b.tokens.SetLimitAt(now, limitOf(b.rate, programs))
	b.tokens.SetBurstAt(now, max(1, b.rate.Burst/programs))
}

// limitOf is how many tokens a second each of the programs has.
func limitOf(r channels.Rate, programs int) rate.Limit {
	return rate.Limit(float64(r.Count) / r.Per.Seconds() / float64(programs))
}

// Wait returns how long it takes until there are n tokens.
func (b *Bucket) Wait(n int, now time.Time) time.Duration {
	lack := float64(n) - b.tokens.TokensAt(now)
	if lack <= 0 {
		return 0
	}
	return time.Duration(lack / float64(b.tokens.Limit()) * float64(time.Second))
}

// Take takes a token, also one that there will be only after Wait.
func (b *Bucket) Take(now time.Time) { b.tokens.ReserveN(now, 1) }

// TakeFor takes a token for a row, whose booking ends.
func (b *Bucket) TakeFor(row int64, now time.Time) {
	b.Take(now)
	delete(b.booked, row)
}

// isIdle reports whether the bucket is as good as new.
func (b *Bucket) isIdle(now time.Time) bool {
	return b.tokens.TokensAt(now) >= float64(b.tokens.Burst()) && !b.isAwaited(now)
}

// isAwaited reports whether rows with a booking are still to come.
func (b *Bucket) isAwaited(now time.Time) bool {
	if now.Sub(b.last) > bookingGrace { // a row that has not come by now is gone
		clear(b.booked)
	}
	return len(b.booked) > 0
}

// IsNext reports whether a row need not wait behind the rows with a booking.
func (b *Bucket) IsNext(row int64, now time.Time) bool {
	if !b.isAwaited(now) {
		return true
	}
	_, booked := b.booked[row]
	return booked
}

// Free returns the first time that is not booked. It is after now.
func (b *Bucket) Free(now time.Time) time.Time {
	soonest := now.Add(max(b.Wait(1, now), b.every))
	if next := b.last.Add(b.every); next.After(soonest) {
		return next
	}
	return soonest
}

// Book keeps a time for a row. When too many rows are remembered, the row comes among
// the last instead.
func (b *Bucket) Book(row int64, at time.Time) {
	if _, again := b.booked[row]; !again && len(b.booked) >= maxBooked {
		return
	}
	b.booked[row] = struct{}{}
	b.last = at
}
