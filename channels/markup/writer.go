package markup

import (
	"slices"
	"strings"
)

// writer writes spans in a markup, up to a limit.
type writer struct {
	syntax *syntax
	limit  Limit

	b    strings.Builder
	size int   // of what is written
	open []tag // never changed, but replaced
	// inLine says that something is written in the line.
	inLine bool
	// visible says that a reader sees something.
	visible bool

	// of and newline say whose tags and line prefix these are: text after text has the same.
	of      *span
	newline bool
	tags    []tag
	prefix  string
}

// writerState is what a writer can be taken back to.
type writerState struct {
	written int
	open    []tag
	visible bool
}

func (w *writer) state() writerState {
	return writerState{written: w.b.Len(), open: w.open, visible: w.visible}
}

// put writes a text of a span, unless it would be too long once all is closed. It reports
// whether it did; if not, nothing has changed. A text is either white space that ends a line
// or has no line end.
func (w *writer) put(text string, s *span) bool {
	w.enter(s, text[0] == '\n')
	piece := w.syntax.escape.Replace(text)
	open := w.open
	if !slices.Equal(open, w.tags) || !w.inLine {
		piece = w.change(text) + piece
		open = w.tags
	}
	size := w.limit.Unit.Len(piece)
	if w.limit.Max > 0 && w.size+size+w.limit.Unit.Len(closing(open)) > w.limit.max() {
		return false
	}
	w.b.WriteString(piece)
	w.size += size
	w.open = open
	w.inLine = text[len(text)-1] != '\n'
	w.visible = w.visible || !isBlank(text)
	return true
}

// enter finds the tags and the line prefix of a span. Those that would take more than half
// of a part are left out: first the link, which may be of any length.
func (w *writer) enter(s *span, newline bool) {
	if w.of == s && w.newline == newline {
		return
	}
	w.of, w.newline = s, newline
	st := s.style
	w.tags, w.prefix = w.syntax.tags(st, newline), w.linePrefix(st)
	if w.limit.Max <= 0 {
		return
	}
	if w.takesHalf() {
		st.link = ""
		w.tags = w.syntax.tags(st, newline)
	}
	if w.takesHalf() {
		w.tags, w.prefix = nil, ""
	}
}

// takesHalf reports whether the tags and the prefix take more than half of a part.
func (w *writer) takesHalf() bool {
	n := w.limit.Unit.Len(w.prefix) + w.limit.Unit.Len(closing(w.tags))
	for _, t := range w.tags {
		n += w.limit.Unit.Len(t.open)
	}
	return n > w.limit.max()/2
}

// linePrefix returns what stands before each line of a style.
func (w *writer) linePrefix(st style) string {
	if st.block > 0 {
		return ""
	}
	prefix := strings.Repeat(" ", st.indent)
	if st.quote > 0 {
		prefix = w.syntax.quote + prefix
	}
	return prefix
}

// change returns what closes the tags that do not go on, begins the line and opens the
// others.
func (w *writer) change(text string) string {
	same := 0
	for same < len(w.open) && same < len(w.tags) && w.open[same] == w.tags[same] {
		same++
	}
	change := closing(w.open[same:])
	if !w.inLine && text[0] != '\n' {
		change += w.prefix
	}
	for _, t := range w.tags[same:] {
		change += t.open
	}
	return change
}

// closing returns what closes the tags, the innermost first.
func closing(open []tag) string {
	switch len(open) {
	case 0:
		return ""
	case 1:
		return open[0].close
	}
	var b strings.Builder
	for _, t := range slices.Backward(open) {
		b.WriteString(t.close)
	}
	return b.String()
}

// text returns what is written, as it was at a state, with all closed.
func (w *writer) text(at writerState) string {
	return w.b.String()[:at.written] + closing(at.open)
}
