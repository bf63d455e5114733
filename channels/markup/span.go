package markup

import "slices"

// span is a piece of a text in one style. A text is a list of them: whatever the markup, it
// can be cut between any two and within any one.
type span struct {
	text  string
	style style
	// level is set of white space that stands between what level says.
	level level
}

// level is what a text can be cut between, the weakest first.
type level int

const (
	byCharacter level = iota // what a reader takes for one: a grapheme cluster
	byWord
	bySentence
	byLine
	byParagraph
	byBlock
	levels
)

// style is how a span is shown.
type style struct {
	marks marks
	code  bool // within a line
	// link is where the span leads; it has been checked.
	link string
	// address says that the span tells a link's address, for a markup that has no links.
	address bool
	// quote and block number the outermost quote and the code block that the span is in, 0
	// when it is in none.
	quote, block int
	language     string // of the code block
	indent       int    // columns before each line
}

// marks are the bold and italic that a span is in, each at most once, the outermost first.
type marks string

const (
	bold   = 'b'
	italic = 'i'
)

// with returns m with a mark within the others.
func (m marks) with(mark rune) marks {
	if m.has(mark) {
		return m
	}
	return m + marks(mark)
}

func (m marks) has(mark rune) bool { return slices.Contains([]rune(m), mark) }

// without returns m without a mark.
func (m marks) without(mark rune) marks {
	return marks(slices.DeleteFunc([]rune(m), func(r rune) bool { return r == mark }))
}

// visible reports whether a reader sees anything of the spans.
func visible(spans []span) bool {
	return slices.ContainsFunc(spans, func(s span) bool { return s.level == 0 && !isBlank(s.text) })
}
