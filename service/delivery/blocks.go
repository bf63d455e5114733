package delivery

import (
	"maps"
	"slices"
	"time"

	"github.com/manyvox/manyvox/service/instance"
)

const (
	// maxBlocks is how many rate keys can be blocked at once.
	maxBlocks = 10_000
	// allKeys stands for all rate keys: none is empty.
	allKeys = ""
	// throttledEdits is the reason of a block that holds for edits alone.
	throttledEdits = "throttled edits"
)

// blocks are rate keys that must not be written to. They are not for concurrent use.
type blocks map[string]block

// block says since when and until when.
type block struct{ since, until time.Time }

// add blocks a rate key. Of several blocks the one that ends last holds. When too many keys
// are blocked, only the parts that were refused wait.
func (s blocks) add(key string, until time.Time) {
	now := time.Now()
	if len(s) >= maxBlocks {
		maps.DeleteFunc(s, func(_ string, b block) bool { return !now.Before(b.until) })
	}
	b, known := s[key]
	if !known && len(s) >= maxBlocks {
		return
	}
	if !now.Before(b.until) {
		b.since = now
	}
	b.until = latest(b.until, until)
	s[key] = b
}

// holds returns the keys that are blocked now, sorted.
func (s blocks) holds(channel, reason string, now time.Time) (list []instance.Hold) {
	for _, key := range slices.Sorted(maps.Keys(s)) {
		if b := s[key]; now.Before(b.until) {
			list = append(list, instance.Hold{
				Channel: channel, Key: key, State: instance.HoldPaused, Since: b.since, Until: b.until, Reason: reason,
			})
		}
	}
	return list
}

// latest returns the last of some times.
func latest(times ...time.Time) (last time.Time) {
	for _, t := range times {
		if t.After(last) {
			last = t
		}
	}
	return last
}
