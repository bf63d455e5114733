package delivery

import (
	"context"
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

// noRow is no row's number.
const noRow = -1

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
	edits   *ratelimit.Buckets // of Append; keys where that has no rate of its own
	// editBlocks are the rate keys that Append must leave alone, with "" for all.
	editBlocks blocks
	// blocks are the rate keys that must not be written to, since and until when.
	blocks blocks
}

func newPacer(limits channels.Limits, programs func() int) *pacer {
	r := &pacer{programs: programs, keys: ratelimit.NewBuckets(limits.Key), blocks: blocks{}, editBlocks: blocks{}}
	r.edits = r.keys
	if !limits.Edit.IsZero() {
		r.edits = ratelimit.NewBuckets(limits.Edit)
	}
	if !limits.Channel.IsZero() {
		r.channel = ratelimit.NewBucket(limits.Channel)
	}
	return r
}

// admit returns zero once a part with the rate key may be sent, or when it should come
// again. Edit says that it is an Append.
func (r *pacer) admit(ctx context.Context, d *journal.Delivery, key string, edit bool) (later time.Time) {
	wait, later := r.take(d, key, edit)
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
func (r *pacer) take(d *journal.Delivery, key string, edit bool) (wait time.Duration, later time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := time.Now()
	if later = r.blockedUntil(key, edit); now.Before(later) {
		return 0, later
	}
	buckets := r.bucketsOf(key, edit, now)
	var last *ratelimit.Bucket
	for _, b := range buckets {
		w := b.Wait(1, now)
		wait = max(wait, w)
		if at := b.Free(now); (w > shortWait || !b.IsNext(d.Row, now)) && at.After(later) {
			last, later = b, at
		}
	}
	switch {
	case last == nil:
	case edit && r.edits != r.keys && last != r.channel: // no Send waits for these tokens
		return 0, now.Add(wait)
	default:
		last.Book(d.Row, later)
		return 0, later
	}
	for _, b := range buckets {
		b.TakeFor(d.Row, now)
	}
	return wait, time.Time{}
}

// blockedUntil returns when the last block of a rate key ends.
func (r *pacer) blockedUntil(key string, edit bool) time.Time {
	until := r.blocks[key].until
	if edit {
		until = latest(until, r.editBlocks[key].until, r.editBlocks[allKeys].until)
	}
	return until
}

// bucketsOf returns the buckets that a call takes a token of: that of the channel, and
// that of its rate key. Each holds this program's part of the rate.
func (r *pacer) bucketsOf(key string, edit bool, now time.Time) []*ratelimit.Bucket {
	var list []*ratelimit.Bucket
	if r.channel != nil {
		list = append(list, r.channel)
	}
	keys := r.keys
	if edit {
		keys = r.edits
	}
	if keys != nil {
		list = append(list, keys.Of(key, now))
	}
	programs := r.programs()
	for _, b := range list {
		b.Share(programs, now)
	}
	return list
}

// takeSpare takes a token of each bucket if that leaves another in each, so that what comes
// next need not wait for it, and reports whether it did.
func (r *pacer) takeSpare(key string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := time.Now()
	if now.Before(r.blockedUntil(key, false)) {
		return false
	}
	buckets := r.bucketsOf(key, false, now)
	for _, b := range buckets {
		if b.Wait(2, now) > 0 || !b.IsNext(noRow, now) {
			return false
		}
	}
	for _, b := range buckets {
		b.Take(now)
	}
	return true
}

// block keeps parts from a rate key.
func (r *pacer) block(key string, until time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.blocks.add(key, until)
}

// blockEdits keeps Append from a rate key, or from allKeys.
func (r *pacer) blockEdits(key string, until time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.editBlocks.add(key, until)
}

// unblock ends every block and reports whether there was one.
func (r *pacer) unblock() (blocked bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := time.Now()
	blocked = len(r.blocks.holds("", "", now))+len(r.editBlocks.holds("", "", now)) > 0
	clear(r.blocks)
	clear(r.editBlocks)
	return blocked
}

// holds returns the rate keys that are blocked, for all calls or for edits.
func (r *pacer) holds(channel string, now time.Time) []instance.Hold {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append(r.blocks.holds(channel, string(channels.SendThrottled), now), r.editBlocks.holds(channel, throttledEdits, now)...)
}
