package markup

import "github.com/manyvox/manyvox/channels"

// MinMax is the smallest Limit.Max: whatever the unit, one character of any markup fits.
const MinMax = 16

// Limit is how long a part may be, with all its markup.
type Limit struct {
	// Max is the greatest length. 0 means that there is none; less than MinMax means MinMax.
	Max int
	// Unit is what Max counts.
	Unit channels.Unit
}

// max returns the greatest length.
func (l Limit) max() int { return max(l.Max, MinMax) }

// fits reports whether a text is short enough.
func (l Limit) fits(text string) bool {
	return l.Max <= 0 || len(text) <= l.max() || l.Unit.Len(text) <= l.max()
}
