package channels

import (
	"errors"
	"time"
)

// Limited is the role of a Sender whose platform takes only so many parts in a time.
type Limited interface {
	// Limits returns how many. It is called once per start. The service keeps parts
	// back so that Send is never called more often, retries included.
	Limits() Limits
}

// Limits bound how a channel is written to. Of several programs that share a journal each
// takes its share of the rates: rate / programs that live.
type Limits struct {
	// Channel is the rate of all parts together, and of all other calls.
	Channel Rate
	// Key is the rate of the parts with one rate key: see Keyer.
	Key Rate
	// Edit is the rate of Append for one rate key. What grows meanwhile goes with the next
	// call. Where it is zero, Append counts against Key.
	Edit Rate
	// Concurrent is how many calls of Send, Open, Append and Close run at once. 0 means
	// DefaultConcurrent.
	Concurrent int
	// Live bounds a message that grows.
	Live LiveLimits
}

// LiveLimits bound one message of a Streamer. What reaches a limit is closed at the end of
// a paragraph, a line or a word, never within a code fence, and the rest of the text grows in
// the next message. Where there is no such place it shows the beginning until the text is
// complete; Fit cuts it then.
type LiveLimits struct {
	// Max is how long its text may become, in Unit. 0 is no limit. Fit must leave a text of
	// that length whole. Where it makes more of it, as markup can be longer than its source,
	// less of the text is taken.
	Max  int
	Unit Unit
	// For is how long it may grow. 0 is no limit.
	For time.Duration
	// Refresh is how long it shows its text, for a preview that vanishes: then Append is called
	// with an empty piece. 0 is for ever.
	Refresh time.Duration
}

// Validate reports limits that mean nothing.
func (l LiveLimits) Validate() error {
	if l.Max < 0 || l.For < 0 || l.Refresh < 0 {
		return errors.New("Live.Max, Live.For and Live.Refresh must not be negative")
	}
	return l.Unit.Validate()
}

// DefaultConcurrent is how many calls of a channel's Send run at once where its Limits
// say nothing: a platform that hangs takes no place of another.
const DefaultConcurrent = 32

// Keyer is the role of a Sender that knows whom the platform's limits count: Slack's, for
// one, count the channel, whatever thread of it a part goes to.
type Keyer interface {
	// RateKey returns what the rate of Limits.Key is counted by, and whom a Retry-After of
	// scope address is about; "" means the sender. It is pure. Without the role it is the
	// part's address, or its sender where the part has none.
	RateKey(p Part) string
}
