package scheduler

import "slices"

// readyQueues are the queues whose head, a row, may be claimed: they wait for a consumer,
// or for a slot of their channel.
type readyQueues[T any] struct {
	slots *slots
	// waiting are those that wait for a consumer, in the order in which they became
	// ready. While there is one, no consumer waits.
	waiting []*queue[T]
	// full are those that wait for a slot, by channel, in the order in which they became
	// ready.
	full map[string][]*queue[T]
	// last is the readied of the queue that was added last.
	last int64
}

func newReadyQueues[T any](s *slots) readyQueues[T] {
	return readyQueues[T]{slots: s, full: map[string][]*queue[T]{}}
}

// hasSlotFor reports whether the head of a queue may be claimed now: it has a free slot, or
// is growing and needs none of the channel's.
func (r *readyQueues[T]) hasSlotFor(q *queue[T]) bool {
	channel := q.conversation.Channel
	return r.slots.has(channel) || q.head().row.Growing && r.slots.isOpen(channel)
}

// add adds a queue that became ready. It waits for a slot when its channel has none that
// is free, and for a consumer otherwise.
func (r *readyQueues[T]) add(q *queue[T]) {
	r.last++
	q.ready, q.readied = true, r.last
	if r.hasSlotFor(q) {
		r.waiting = append(r.waiting, q)
	} else {
		r.putAside(q)
	}
}

// putAside lets a queue wait until its channel has a free slot, behind those that became
// ready before it. Of a queue that waited for a consumer others may have been put aside
// that became ready later.
func (r *readyQueues[T]) putAside(q *queue[T]) {
	channel := q.conversation.Channel
	full := r.full[channel]
	at := len(full)
	for at > 0 && full[at-1].readied > q.readied {
		at--
	}
	r.full[channel] = slices.Insert(full, at, q)
}

// pop removes and returns the queue that has been ready longest and whose channel has a
// free slot, nil when there is none. Those of channels without one are put aside.
func (r *readyQueues[T]) pop() *queue[T] {
	for len(r.waiting) > 0 {
		q := r.waiting[0]
		r.waiting[0] = nil // the array lives on and would keep the queue
		r.waiting = r.waiting[1:]
		if r.hasSlotFor(q) {
			q.ready = false
			return q
		}
		r.putAside(q)
	}
	return nil
}

// popFull removes and returns the queue that has waited longest for a slot of the channel,
// nil when none waits or when no slot is free. It must be dispatched.
func (r *readyQueues[T]) popFull(channel string) *queue[T] {
	full := r.full[channel]
	if len(full) == 0 || !r.slots.has(channel) {
		return nil
	}
	q := full[0]
	full[0] = nil // the array lives on and would keep the queue
	if r.full[channel] = full[1:]; len(full) == 1 {
		delete(r.full, channel)
	}
	q.ready = false
	return q
}

// remove removes a queue; one that is not ready is ignored.
func (r *readyQueues[T]) remove(q *queue[T]) {
	if !q.ready {
		return
	}
	q.ready = false
	isRemoved := func(o *queue[T]) bool { return o == q }
	r.waiting = slices.DeleteFunc(r.waiting, isRemoved)
	r.removeFull(q.conversation.Channel, isRemoved)
}

// removeAll removes queues, of which those that are not ready are ignored. It does so in
// one pass, since there may be as many queues as rows.
func (r *readyQueues[T]) removeAll(queues []*queue[T]) {
	some := false
	for _, q := range queues {
		some = some || q.ready
		q.ready = false
	}
	if !some {
		return
	}
	isRemoved := func(q *queue[T]) bool { return !q.ready }
	r.waiting = slices.DeleteFunc(r.waiting, isRemoved)
	for channel := range r.full {
		r.removeFull(channel, isRemoved)
	}
}

// removeFull removes the queues that match from those that wait for a slot of the channel.
func (r *readyQueues[T]) removeFull(channel string, match func(*queue[T]) bool) {
	full := slices.DeleteFunc(r.full[channel], match)
	if r.full[channel] = full; len(full) == 0 {
		delete(r.full, channel)
	}
}

// takeAll removes and returns all queues: those that wait for a consumer, and behind them
// those that wait for a slot.
func (r *readyQueues[T]) takeAll() []*queue[T] {
	all := r.waiting
	for _, full := range r.full {
		all = append(all, full...)
	}
	for _, q := range all {
		q.ready = false
	}
	r.waiting = nil
	clear(r.full)
	return all
}
