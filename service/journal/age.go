package journal

import "time"

// MaxPause is the longest pause before something is tried again: that of a platform's
// Retry-After.
const MaxPause = time.Hour

// Age returns the age of a row that is read from the store. Stored is what the store has,
// and now is by the same clock, which may have been set back meanwhile: no age is below 0.
//
// A store reads the clock for this once, when it loads the row, and from then on counts the
// age by the monotonic clock.
func Age(now, stored time.Time) time.Duration { return max(0, now.Sub(stored)) }

// Pause returns how long a row that is read from the store still waits. Due and postponed,
// the time at which due was written, are what the store has; zero is not known. By a clock
// that was set back meanwhile due may be far away: the row then waits as long as it was to
// wait at first, and MaxPause at most. It is 0 or less when the row is due.
func Pause(now, due, postponed time.Time) time.Duration {
	return min(due.Sub(now), due.Sub(postponed), MaxPause)
}
