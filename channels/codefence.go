package channels

// CodeFence follows the lines of a text and tells whether they are inside a fenced code
// block, by CommonMark's rule (https://spec.commonmark.org/0.31.2/#fenced-code-blocks). It is
// fed the text in pieces, which may end anywhere. The zero value is at the start of a text.
type CodeFence struct {
	// char and length are those of the fence that is open; length is 0 when none is.
	char   byte
	length int

	line fenceLine
}

// fenceLine is what is known of the line in progress.
type fenceLine struct {
	state  fenceState
	indent int
	char   byte // of the run of ` or ~
	length int  // of the run
	info   bool // something follows the run
}

// fenceState is where in a line we are.
type fenceState int

const (
	inIndent fenceState = iota
	inRun
	inInfo
	inOther // the line is no fence
)

// fenceIndent is the most that a fence may be indented, and fenceLength the least that it
// is long.
const (
	fenceIndent = 3
	fenceLength = 3
)

// Open reports whether the lines that have ended leave a fence open.
func (f *CodeFence) Open() bool { return f.length > 0 }

// Feed takes the next piece of the text.
func (f *CodeFence) Feed(text string) {
	for i := range len(text) {
		if c := text[i]; c == '\n' || c == '\r' {
			f.endLine()
		} else {
			f.line.feed(c)
		}
	}
}

// feed takes the next byte of the line.
func (l *fenceLine) feed(c byte) {
	switch l.state {
	case inIndent:
		switch {
		case c == ' ' && l.indent < fenceIndent:
			l.indent++
		case c == '`' || c == '~':
			l.state, l.char, l.length = inRun, c, 1
		default:
			l.state = inOther
		}
	case inRun:
		if c == l.char {
			l.length++
			return
		}
		l.state = inInfo
		l.feed(c)
	case inInfo:
		switch {
		case c == '`' && l.char == '`': // then it is code within a line
			l.state = inOther
		case c != ' ' && c != '\t':
			l.info = true
		}
	}
}

// endLine opens or closes the fence when the line is one.
func (f *CodeFence) endLine() {
	l := f.line
	f.line = fenceLine{}
	switch {
	case l.state != inRun && l.state != inInfo, l.length < fenceLength:
	case !f.Open():
		f.char, f.length = l.char, l.length
	case l.char == f.char && l.length >= f.length && !l.info:
		f.length = 0
	}
}
