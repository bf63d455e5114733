package service

import (
	"time"

	"github.com/manyvox/manyvox/channels"
)

// The idle buckets are thrown away when there are twice as many buckets as last time,
// at first leastBuckets. There are never more than mostBuckets.
const (
	leastBuckets = 1024
	mostBuckets  = 100_000
)

// buckets are those of one rate, by name. They are not for concurrent use.
type buckets struct {
	rate    channels.Rate
	named   map[string]*bucket
	sweepAt int
}

// newBuckets returns nil for a rate that is no limit.
func newBuckets(r channels.Rate) *buckets {
	if r.IsZero() {
		return nil
	}
	return &buckets{rate: r, named: map[string]*bucket{}, sweepAt: leastBuckets}
}

// of returns the bucket of a name, a new one when it is not known.
func (b *buckets) of(name string, now time.Time) *bucket {
	if known := b.named[name]; known != nil {
		return known
	}
	if len(b.named) >= b.sweepAt {
		b.sweep(now)
	}
	fresh := newBucket(b.rate)
	b.named[name] = fresh
	return fresh
}

func (b *buckets) sweep(now time.Time) {
	for name, known := range b.named {
		if known.isIdle(now) {
			delete(b.named, name)
		}
	}
	b.shrink()
	b.sweepAt = min(max(leastBuckets, 2*len(b.named)), mostBuckets)
}

// shrink throws away any half of too many: somebody invents names, and whoever does
// that is not held by a rate for each.
func (b *buckets) shrink() {
	if len(b.named) < mostBuckets {
		return
	}
	for name := range b.named {
		if delete(b.named, name); len(b.named) <= mostBuckets/2 {
			return
		}
	}
}
