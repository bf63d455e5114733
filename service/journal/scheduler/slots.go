package scheduler

import (
	"maps"
	"math"
	"slices"
)

// slots bound how many rows of each channel are claimed at once, so that a platform that
// hangs takes no place of another.
type slots[T any] struct {
	// limits holds the channels whose rows may be claimed, and how many at once; nil
	// means all, without a limit.
	limits map[string]int
	used   map[string]int
	// full are the queues that are ready and wait for a slot of their channel, in the
	// order in which they became ready.
	full map[string][]*queue[T]
}

// Unlimited returns limits for Open that let every row of these channels be claimed.
func Unlimited(names ...string) map[string]int {
	limits := map[string]int{}
	for _, name := range names {
		limits[name] = math.MaxInt
	}
	return limits
}

func newSlots[T any]() slots[T] {
	return slots[T]{used: map[string]int{}, full: map[string][]*queue[T]{}}
}

// isOpen reports whether rows of the channel may be claimed at all.
func (s *slots[T]) isOpen(channel string) bool {
	_, open := s.limits[channel]
	return open || s.limits == nil
}

// has reports whether one more row of the channel may be claimed now.
func (s *slots[T]) has(channel string) bool {
	return s.limits == nil || s.used[channel] < s.limits[channel]
}

// setLimits replaces the limits.
func (s *slots[T]) setLimits(limits map[string]int) {
	s.limits = map[string]int{} // nil would be all channels
	maps.Copy(s.limits, limits)
}

// putAside lets a queue wait until its channel has a free slot, behind those that became
// ready before it. Of a queue that was in Scheduler.ready others may have been put aside
// that became ready later.
func (s *slots[T]) putAside(q *queue[T]) {
	channel := q.conversation.Channel
	waiting := s.full[channel]
	at := len(waiting)
	for at > 0 && waiting[at-1].readied > q.readied {
		at--
	}
	s.full[channel] = slices.Insert(waiting, at, q)
}

// next returns the queue that has waited longest for a slot of the channel, nil when none
// waits.
func (s *slots[T]) next(channel string) *queue[T] {
	waiting := s.full[channel]
	if len(waiting) == 0 {
		return nil
	}
	q := waiting[0]
	waiting[0] = nil // the array lives on and would keep the queue
	if s.full[channel] = waiting[1:]; len(waiting) == 1 {
		delete(s.full, channel)
	}
	return q
}

// remove removes a queue from those that wait for a slot.
func (s *slots[T]) remove(q *queue[T]) {
	s.removeOf(q.conversation.Channel, func(o *queue[T]) bool { return o == q })
}

// removeAll removes the queues that match from those that wait for a slot.
func (s *slots[T]) removeAll(match func(*queue[T]) bool) {
	for channel := range s.full {
		s.removeOf(channel, match)
	}
}

// removeOf is removeAll for one channel.
func (s *slots[T]) removeOf(channel string, match func(*queue[T]) bool) {
	waiting := slices.DeleteFunc(s.full[channel], match)
	if s.full[channel] = waiting; len(waiting) == 0 {
		delete(s.full, channel)
	}
}

// takeFull returns the queues of list and behind them those that wait for a slot, which
// wait no more.
func (s *slots[T]) takeFull(list []*queue[T]) []*queue[T] {
	for _, waiting := range s.full {
		list = append(list, waiting...)
	}
	clear(s.full)
	return list
}

// releaseSlot gives back the slot of a row that ran in the queue. A queue that waited for
// it is dispatched.
func (s *Scheduler[T]) releaseSlot(q *queue[T]) {
	channel := q.conversation.Channel
	if s.slots.used[channel]--; s.slots.used[channel] == 0 {
		delete(s.slots.used, channel)
	}
	if !s.slots.has(channel) {
		return
	}
	if next := s.slots.next(channel); next != nil {
		next.ready = false
		s.dispatch(next)
	}
}
