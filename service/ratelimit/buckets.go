package ratelimit

import (
	"time"

	"github.com/manyvox/manyvox/channels"
)

// The idle buckets are removed when there are twice as many buckets as after the last
// removal, at first minBuckets. There are never more than maxBuckets.
const (
	minBuckets = 1024
	maxBuckets = 100_000
)

// Buckets are the buckets of one rate, by name. They are not for concurrent use.
type Buckets struct {
	rate    channels.Rate
	named   map[string]*Bucket
	sweepAt int
}

// NewBuckets returns nil for a rate that is no limit.
func NewBuckets(r channels.Rate) *Buckets {
	if r.IsZero() {
		return nil
	}
	return &Buckets{rate: r, named: map[string]*Bucket{}, sweepAt: minBuckets}
}

// Of returns the bucket of a name, a new one when it is not known.
func (b *Buckets) Of(name string, now time.Time) *Bucket {
	if known := b.named[name]; known != nil {
		return known
	}
	if len(b.named) >= b.sweepAt {
		b.sweep(now)
	}
	fresh := NewBucket(b.rate)
	b.named[name] = fresh
	return fresh
}

// sweep removes the idle buckets.
func (b *Buckets) sweep(now time.Time) {
	for name, known := range b.named {
		if known.isIdle(now) {
			delete(b.named, name)
		}
	}
	b.shrink()
	b.sweepAt = min(max(minBuckets, 2*len(b.named)), maxBuckets)
}

// shrink removes any half of the buckets when there are too many. Then somebody makes
// up names, and a rate for each name would not hold them back anyway.
func (b *Buckets) shrink() {
	if len(b.named) < maxBuckets {
		return
	}
	for name := range b.named {
		if delete(b.named, name); len(b.named) <= maxBuckets/2 {
			return
		}
	}
}
