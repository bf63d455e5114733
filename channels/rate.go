package channels

import (
	"encoding"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Rate is how often something may happen. Zero is no limit. In a configuration file
// it is written as count and time: 30/1m.
type Rate struct {
	// Count is how often, evenly spread, within Per.
	Count int
	Per   time.Duration
	// Burst is how often at once after a rest. 0 means once.
	Burst int
}

// IsZero reports whether there is no limit.
func (r Rate) IsZero() bool { return r.Count <= 0 || r.Per <= 0 }

// Every returns the time between two of an even spread, 0 when there is no limit.
func (r Rate) Every() time.Duration {
	if r.IsZero() {
		return 0
	}
	return r.Per / time.Duration(r.Count)
}

// String returns the rate in words: "30 in 1m0s".
func (r Rate) String() string { return fmt.Sprintf("%d in %v", r.Count, r.Per) }

// UnmarshalText reads count and time, such as "30/1m". Both must be positive.
func (r *Rate) UnmarshalText(text []byte) error {
	count, per, _ := strings.Cut(string(text), "/")
	n, errCount := strconv.ParseUint(count, 10, 31)
	d, errPer := time.ParseDuration(per)
	if errCount != nil || errPer != nil || n == 0 || d <= 0 {
		return errors.New("expected " + r.Expected())
	}
	*r = Rate{Count: int(n), Per: d}
	return nil
}

// Expected says how a rate is written.
func (*Rate) Expected() string { return `a count and a time such as "30/1m"` }

var _ encoding.TextUnmarshaler = (*Rate)(nil)
