package service

import (
	"cmp"
	"context"
	"sync"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// shortWait is waited for in place; a part that has to wait longer goes back to the
// journal, since it would keep its place among the sends from others.
const shortWait = 50 * time.Millisecond

// rates keep the parts of one channel within what its platform takes. The channel is
// not parked: each pause would end with as many parts given out as there are fetchers,
// and all but one given back. Here each part is given back once, to come at its time.
type rates struct {
	mu        sync.Mutex
	channel   *bucket  // nil without a rate
	addresses *buckets // nil without a rate
}

// newRates returns nil for a channel that is not Limited.
func newRates(c channels.Channel) *rates {
	limited, ok := c.(channels.Limited)
	if !ok {
		return nil
	}
	limits := limited.Limits()
	r := &rates{addresses: newBuckets(limits.Address)}
	if !limits.Channel.IsZero() {
		r.channel = newBucket(limits.Channel)
	}
	return r
}

// admit returns zero once the part may be sent, or when it should come again.
func (r *rates) admit(ctx context.Context, d *journal.Delivery) (later time.Time) {
	if r == nil {
		return time.Time{}
	}
	wait, later := r.ask(d)
	if wait == 0 {
		return later
	}
	if sleep(ctx, wait) != nil {
		return time.Now()
	}
	return time.Time{}
}

// ask takes a token of each bucket, to be used after a short wait, or books a later
// time with the bucket that has a token last.
func (r *rates) ask(d *journal.Delivery) (wait time.Duration, later time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := time.Now()
	asked := r.bucketsOf(&d.Part, now)
	var last *bucket
	for _, b := range asked {
		w := b.wait(1, now)
		wait = max(wait, w)
		if at := b.free(now); (w > shortWait || !b.isNext(d.Row, now)) && at.After(later) {
			last, later = b, at
		}
	}
	if last != nil {
		last.book(d.Row, later)
		return 0, later
	}
	for _, b := range asked {
		b.take(now)
		delete(b.booked, d.Row)
	}
	return wait, time.Time{}
}

func (r *rates) bucketsOf(p *channels.Part, now time.Time) []*bucket {
	var list []*bucket
	if r.channel != nil {
		list = append(list, r.channel)
	}
	if r.addresses != nil {
		list = append(list, r.addresses.of(cmp.Or(p.Address, p.Sender), now))
	}
	return list
}
