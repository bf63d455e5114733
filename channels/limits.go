package channels

// Limited is the role of a Sender whose platform takes only so many parts in a time.
type Limited interface {
	// Limits returns how many. It is called once per start. The service keeps parts
	// back so that Send is never called more often, retries included.
	Limits() Limits
}

// Limits are the rates of one channel. A program that shares its journal with others
// keeps them for itself alone.
type Limits struct {
	// Channel is the rate of all parts together.
	Channel Rate
	// Address is the rate of the parts to one address, or to one sender where the
	// parts have no address.
	Address Rate
}
