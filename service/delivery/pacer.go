package delivery

import (
	"cmp"
	"context"
	"sync"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/ratelimit"
	"github.com/manyvox/manyvox/service/worker"
)

// shortWait is waited for in place. A part that has to wait longer goes back to the
// journal, since it would take a slot from parts of others.
const shortWait = 50 * time.Millisecond

// pacer keeps the parts of one channel within the rates that its platform takes. It does
// not pause the channel: each pause would end with as many parts given out as there are
// fetchers, and all but one given back. Here each part is given back once, to come at
// its time.
type pacer struct {
	mu        sync.Mutex
	channel   *ratelimit.Bucket  // nil without a rate
	addresses *ratelimit.Buckets // nil without a rate
}

func newPacer(limits channels.Limits) *pacer {
	r := &pacer{addresses: ratelimit.NewBuckets(limits.Key)}
	if !limits.Channel.IsZero() {
		r.channel = ratelimit.NewBucket(limits.Channel)
	}
	return r
}

// admit returns zero once the part may be sent, or when it should come again. A nil
// pacer admits all.
func (r *pacer) admit(ctx context.Context, d *journal.Delivery) (later time.Time) {
	if r == nil {
		return time.Time{}
	}
	wait, later := r.take(d)
	if wait == 0 {
		return later
	}
	if worker.Sleep(ctx, wait) != nil {
		return time.Now()
	}
	return time.Time{}
}

// take takes a token of each bucket, to be used after a short wait, or books a later
// time with the bucket that has a token last.
func (r *pacer) take(d *journal.Delivery) (wait time.Duration, later time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := time.Now()
	buckets := r.bucketsOf(&d.Part, now)
	var last *ratelimit.Bucket
	for _, b := range buckets {
		w := b.Wait(1, now)
		wait = max(wait, w)
		if at := b.Free(now); (w > shortWait || !b.IsNext(d.Row, now)) && at.After(later) {
			last, later = b, at
		}
	}
	if last != nil {
		last.Book(d.Row, later)
		return 0, later
	}
	for _, b := range buckets {
		b.TakeFor(d.Row, now)
	}
	return wait, time.Time{}
}

// bucketsOf returns the buckets that a part takes a token of: that of the channel, and
// that of its address, or of its sender where it has none.
func (r *pacer) bucketsOf(p *channels.Part, now time.Time) []*ratelimit.Bucket {
	var list []*ratelimit.Bucket
	if r.channel != nil {
		list = append(list, r.channel)
	}
	if r.addresses != nil {
		list = append(list, r.addresses.Of(cmp.Or(p.Address, p.Sender), now))
	}
	return list
}
