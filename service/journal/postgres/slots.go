package postgres

import (
	"maps"
	"math"
)

// slots bound how many rows of each channel this process has claimed at once, so that a
// platform that hangs takes no place of another. A slot is taken when a consumer is chosen
// for a row, and given back when the claim ends or does not come about.
type slots struct {
	// limits holds the channels that are open and how many slots each has; nil means all,
	// without a limit.
	limits map[string]int
	used   map[string]int
	// wanted are the channels of which rows were left alone for want of a slot.
	wanted map[string]bool
}

func newSlots() slots { return slots{used: map[string]int{}, wanted: map[string]bool{}} }

// unlimited returns limits that let every row of these channels be claimed.
func unlimited(names []string) map[string]int {
	limits := map[string]int{}
	for _, name := range names {
		limits[name] = math.MaxInt
	}
	return limits
}

// open replaces the limits. Slots that are taken stay so.
func (s *slots) open(limits map[string]int) {
	s.limits = maps.Clone(limits)
	if s.limits == nil { // no channel is named
		s.limits = map[string]int{}
	}
	clear(s.wanted)
}

// isOpen reports whether rows of the channel may be claimed at all.
func (s *slots) isOpen(channel string) bool {
	return s.limits == nil || s.limits[channel] > 0
}

// free returns how many more rows of the channel may be claimed now.
func (s *slots) free(channel string) int {
	if s.limits == nil {
		return math.MaxInt
	}
	return max(0, s.limits[channel]-s.used[channel])
}

// hasFree reports whether one more row of the channel may be claimed now. If not, the
// channel is wanted.
func (s *slots) hasFree(channel string) bool {
	if s.free(channel) > 0 {
		return true
	}
	s.wanted[channel] = true
	return false
}

func (s *slots) take(channel string) { s.used[channel]++ }

func (s *slots) release(channel string) {
	if s.used[channel]--; s.used[channel] == 0 {
		delete(s.used, channel)
	}
}

// scannable returns the open channels that have a free slot, as an argument of SQL; nil
// means all. The others are wanted.
func (s *slots) scannable() [][]byte {
	if s.limits == nil {
		return nil
	}
	names := [][]byte{}
	for channel := range s.limits {
		if s.hasFree(channel) {
			names = append(names, []byte(channel))
		}
	}
	return names
}

// takeWanted reports whether a channel that is wanted has a free slot again and nothing
// that is ready: then its rows must be looked for in the database.
func (s *slots) takeWanted(isReady func(channel string) bool) (found bool) {
	for channel := range s.wanted {
		if s.free(channel) > 0 && !isReady(channel) {
			delete(s.wanted, channel)
			found = true
		}
	}
	return found
}
