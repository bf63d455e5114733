package markup

import (
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// place is where in a list of spans we are.
type place struct {
	span, offset int
}

// atom is what is never cut when it can be helped: a grapheme cluster, or what stands between
// two levels.
type atom struct {
	text string
	span *span
	// space is the level that white space stands for, 0 of any other text.
	space level
	// breaks says that a line may break behind it.
	breaks bool
	// next is the place behind it.
	next place
}

// cursor goes over spans by atoms.
type cursor struct {
	spans []span
	at    place
	// window is the text that is looked at, from at; state is that of its segmentation.
	window string
	state  int
}

// The window bounds the work that a cluster without an end makes, and the cluster itself.
const (
	maxWindow = 1024
	minWindow = 64 // is looked ahead, so that lines break as in the whole text
	maxAtom   = 64
)

// next returns the atom at the cursor and goes behind it.
func (c *cursor) next() (a atom, ok bool) {
	if c.at.span == len(c.spans) {
		return atom{}, false
	}
	s := &c.spans[c.at.span]
	if s.level > 0 {
		c.at = place{span: c.at.span + 1}
		return atom{text: s.text, span: s, space: s.level, next: c.at}, true
	}
	rest := s.text[c.at.offset:]
	// What remains of the window may be too short to tell where a line breaks: begin another
	// one, unless it is the end of the span.
	if len(c.window) < minWindow && len(c.window) < len(rest) {
		c.window, c.state = head(rest, maxWindow), -1
	}
	cluster, window, boundaries, state := uniseg.StepString(c.window, c.state)
	c.window, c.state = window, state
	a = atom{text: cluster, span: s, breaks: boundaries&uniseg.MaskLine == uniseg.LineCanBreak}
	if len(cluster) > maxAtom { // no emoji is so long: someone piles up accents
		a.text, a.breaks = head(cluster, maxAtom), false
		c.window = ""
	}
	if s.style.block == 0 && (a.text == " " || a.text == "\t") {
		a.space = byWord
	}
	c.at.offset += len(a.text)
	if c.at.offset == len(s.text) {
		c.at, c.window, a.breaks = place{span: c.at.span + 1}, "", false
	}
	a.next = c.at
	return a, true
}

// seek goes to a place.
func (c *cursor) seek(p place) { c.at, c.window = p, "" }

// head returns the beginning of a text, at most n bytes, whole characters.
func head(text string, n int) string {
	if len(text) <= n {
		return text
	}
	for n > 0 && !utf8.RuneStart(text[n]) {
		n--
	}
	return text[:n]
}
