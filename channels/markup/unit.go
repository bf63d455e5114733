package markup

import "unicode/utf8"

// Unit is what a platform counts the length of a text in.
type Unit int

// The units.
const (
	// Characters are Unicode code points.
	Characters Unit = iota
	// UTF16 are the 16-bit units of UTF-16: two for most emoji.
	UTF16
	// Bytes are those of UTF-8.
	Bytes
)

// Size returns how long a text is.
func (u Unit) Size(text string) int {
	switch u {
	case Bytes:
		return len(text)
	case UTF16:
		n := 0
		for _, r := range text {
			n++
			if r > 0xFFFF {
				n++
			}
		}
		return n
	}
	return utf8.RuneCountInString(text)
}

// MinMax is the smallest Limit.Max: whatever the unit, one character of any markup fits.
const MinMax = 16

// Limit is how long a part may be, with all its markup.
type Limit struct {
	// Max is the greatest length. 0 means that there is none; less than MinMax means MinMax.
	Max int
	// Unit is what Max counts.
	Unit Unit
}

// max returns the greatest length.
func (l Limit) max() int { return max(l.Max, MinMax) }

// fits reports whether a text is short enough.
func (l Limit) fits(text string) bool {
	return l.Max <= 0 || len(text) <= l.max() || l.Unit.Size(text) <= l.max()
}
