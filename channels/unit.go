package channels

import (
	"fmt"
	"unicode/utf8"
)

// Unit is what a platform counts the length of a text in.
type Unit string

// The units.
const (
	// UnitRunes counts Unicode code points.
	UnitRunes Unit = ""
	// UnitUTF16 counts UTF-16 code units, as JavaScript and Telegram do: a character outside
	// the basic plane, such as most emoji, counts twice.
	UnitUTF16 Unit = "utf16"
	// UnitBytes counts the bytes of UTF-8.
	UnitBytes Unit = "bytes"
)

// Validate reports a unit that is none of these.
func (u Unit) Validate() error {
	switch u {
	case UnitRunes, UnitUTF16, UnitBytes:
		return nil
	}
	return fmt.Errorf("unit %q is unknown", string(u))
}

// Len returns the length of a text.
func (u Unit) Len(text string) (n int) {
	if u == UnitBytes {
		return len(text)
	}
	for _, r := range text {
		n += u.lenRune(r)
	}
	return n
}

// Prefix returns the longest beginning of a text that is no longer than most and ends with
// a whole character.
func (u Unit) Prefix(text string, most int) string {
	n := 0
	for i, r := range text {
		if n += u.lenRune(r); n > most {
			return text[:i]
		}
	}
	return text
}

// Index returns the byte at which the nth unit of a text begins, or that of its end. It is -1 when
// the text is shorter, and where a character goes on.
func (u Unit) Index(text string, n int) int {
	if u == UnitBytes {
		if n == len(text) || n >= 0 && n < len(text) && utf8.RuneStart(text[n]) {
			return n
		}
		return -1
	}
	for i, r := range text {
		if n <= 0 {
			text = text[:i]
			break
		}
		n -= u.lenRune(r)
	}
	if n != 0 {
		return -1
	}
	return len(text)
}

// Span returns where in a text, in bytes, something begins and ends of which a platform gives the
// offset and the length in its unit, such as a mention. Both are 0 when it is not within the text.
func (u Unit) Span(text string, offset, length int) (start, end int) {
	start, end = u.Index(text, offset), u.Index(text, offset+length)
	if start < 0 || end < start {
		return 0, 0
	}
	return start, end
}

func (u Unit) lenRune(r rune) int {
	switch {
	case u == UnitBytes:
		return utf8.RuneLen(r)
	case u == UnitUTF16 && r > 0xFFFF:
		return 2
	}
	return 1
}
