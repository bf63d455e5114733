package channels

// Limited is the role of a Sender whose platform takes only so many parts in a time.
type Limited interface {
	// Limits returns how many. It is called once per start. The service keeps parts
	// back so that Send is never called more often, retries included.
	Limits() Limits
}

// Limits bound how a channel is written to. Of several programs that share a journal each
// takes its share of the rates: rate / programs that live.
type Limits struct {
	// Channel is the rate of all parts together.
	Channel Rate
	// Key is the rate of the parts with one rate key: see Keyer.
	Key Rate
	// Concurrent is how many calls of Send run at once. 0 means DefaultConcurrent.
	Concurrent int
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
