package delivery

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/instance"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/ratelimit"
	"github.com/manyvox/manyvox/service/worker"
)

// shortWait is waited for in place. A part that has to wait longer goes back to the
// journal, since it would take a slot from parts of others.
const shortWait = 50 * time.Millisecond

// maxBlocks is how many rate keys can be blocked at once.
const maxBlocks = 10_000

// pacer keeps the parts of one channel within the rates that its platform takes, and
// from the rate keys that the platform has asked to leave alone. It does not pause the
// channel: each pause would end with as many parts given out as there are fetchers, and
// all but one given back. Here each part is given back once, to come at its time.
type pacer struct {
	// programs is how many share the rates.
	programs func() int

	mu      sync.Mutex
	channel *ratelimit.Bucket  // nil without a rate
	keys    *ratelimit.Buckets // nil without a rate
	// blocks are the rate keys that must not be written to, since and until when.
	blocks map[string]block
}

type block struct{ since, until time.Time }

func newPacer(limits channels.Limits, programs func() int) *pacer {
	r := &pacer{programs: programs, keys: ratelimit.NewBuckets(limits.Key), blocks: map[string]block{}}
	if !limits.Channel.IsZero() {
		r.channel = ratelimit.NewBucket(limits.Channel)
	}
	return r
}

// admit returns zero once a part with the rate key may be sent, or when it should come
// again.
func (r *pacer) admit(ctx context.Context, d *journal.Delivery, key string) (later time.Time) {
	wait, later := r.take(d, key)
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
func (r *pacer) take(d *journal.Delivery, key string) (wait time.Duration, later time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := time.Now()
	if b, blocked := r.blocks[key]; blocked && now.Before(b.until) {
		return 0, b.until
	}
	buckets := r.bucketsOf(key, now)
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
// that of its rate key. Each holds this program's part of the rate.
func (r *pacer) bucketsOf(key string, now time.Time) []*ratelimit.Bucket {
	var list []*ratelimit.Bucket
	if r.channel != nil {
		list = append(list, r.channel)
	}
	if r.keys != nil {
		list = append(list, r.keys.Of(key, now))
	}
	programs := r.programs()
	for _, b := range list {
		b.Share(programs, now)
	}
	return list
}

// block keeps parts from a rate key. Of several blocks the one that ends last holds. When
// too many keys are blocked, only the parts that were refused wait.
func (r *pacer) block(key string, until time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := time.Now()
	if len(r.blocks) >= maxBlocks {
		maps.DeleteFunc(r.blocks, func(_ string, b block) bool { return !now.Before(b.until) })
	}
	b, known := r.blocks[key]
	if !known && len(r.blocks) >= maxBlocks {
		return
	}
	if !now.Before(b.until) {
		b.since = now
	}
	if until.After(b.until) {
		b.until = until
	}
	r.blocks[key] = b
}

// unblock ends every block and reports whether there was one.
func (r *pacer) unblock() (blocked bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := time.Now()
	for _, b := range r.blocks {
		blocked = blocked || now.Before(b.until)
	}
	clear(r.blocks)
	return blocked
}

// holds returns the rate keys that are blocked.
func (r *pacer) holds(channel string, now time.Time) (list []instance.Hold) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, key := range slices.Sorted(maps.Keys(r.blocks)) {
		if b := r.blocks[key]; now.Before(b.until) {
			list = append(list, instance.Hold{
				Channel: channel, Key: key, State: instance.HoldPaused, Since: b.since, Until: b.until, Reason: string(channels.SendThrottled),
			})
		}
	}
	return list
}
