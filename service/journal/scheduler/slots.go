package scheduler

import (
	"maps"
	"math"
)

// slots bound how many rows of each channel are claimed at once, so that a platform that
// hangs takes no place of another.
type slots struct {
	// limits holds the channels whose rows may be claimed, and how many at once; nil
	// means all, without a limit.
	limits map[string]int
	used   map[string]int
}

// Unlimited returns limits for Open that let every row of these channels be claimed.
func Unlimited(names ...string) map[string]int {
	limits := map[string]int{}
	for _, name := range names {
		limits[name] = math.MaxInt
	}
	return limits
}

func newSlots() *slots { return &slots{used: map[string]int{}} }

// isOpen reports whether rows of the channel may be claimed at all.
func (s *slots) isOpen(channel string) bool {
	return s.limits == nil || s.limits[channel] > 0
}

// has reports whether one more row of the channel may be claimed now.
func (s *slots) has(channel string) bool {
	return s.limits == nil || s.used[channel] < s.limits[channel]
}

// setLimits replaces the limits.
func (s *slots) setLimits(limits map[string]int) {
	s.limits = map[string]int{} // nil would be all channels
	maps.Copy(s.limits, limits)
}

// take takes a slot of the channel for a row that starts to run.
func (s *slots) take(channel string) { s.used[channel]++ }

// release gives back the slot of a row that ran.
func (s *slots) release(channel string) {
	if s.used[channel]--; s.used[channel] == 0 {
		delete(s.used, channel)
	}
}
