package markup

// Render returns a text in CommonMark as a platform shows it. The links in it lead to http,
// https, mailto and tel only, and HTML in it is shown as text. It is empty when a reader
// would see nothing.
func Render(s Syntax, text string) string {
	syntax := s.define()
	return syntax.whole(parse(syntax, text))
}

// Cut renders a text as Render does and cuts it into parts within a limit, each of which is
// whole by itself: what is open where a part ends is opened again in the next. A part ends
// between two blocks where one does that is not too short, else between paragraphs, lines,
// sentences, words or, if all else fails, characters as a reader counts them. White space at a
// cut is left out. A link or a style that would take more than half of a part is left out too.
// A text of which a reader would see nothing has no parts.
func Cut(s Syntax, text string, l Limit) []string {
	syntax := s.define()
	spans := parse(syntax, text)
	whole := syntax.whole(spans)
	switch {
	case whole == "":
		return nil
	case l.fits(whole):
		return []string{whole}
	}
	return syntax.cut(spans, l)
}

// CutText cuts a text without any markup as Cut does. A text that is short enough stays as it
// is.
func CutText(text string, l Limit) []string {
	if l.fits(text) {
		return []string{text}
	}
	return plain().cut(plainSpans(clean(text)), l)
}

// whole writes all spans.
func (s *syntax) whole(spans []span) string {
	if !visible(spans) {
		return ""
	}
	w := writer{syntax: s}
	for i := range spans {
		if spans[i].text != "" {
			w.put(spans[i].text, &spans[i])
		}
	}
	return w.text(w.state())
}

// cut writes the spans in parts.
func (s *syntax) cut(spans []span, l Limit) (parts []string) {
	// Each part begins behind the end of the one before, so that this ends: a part that
	// shows nothing is left out, and one that nothing fits in is forced to take a character.
	for at := (place{}); at.span < len(spans); {
		c := cutter{cursor: cursor{spans: spans}, writer: writer{syntax: s, limit: l}}
		c.cursor.seek(at)
		end := c.part()
		if end.visible {
			parts = append(parts, c.writer.text(end.writerState))
		}
		at = end.next
	}
	return parts
}

// cutter writes one part.
type cutter struct {
	cursor cursor
	writer writer
	ends   [levels]end // the last of each level
	last   end         // behind the last text, white space apart
	// stopped says that the last text, white space apart, ends a sentence.
	stopped bool
}

// end is where a part may end.
type end struct {
	writerState
	// next is where the next part begins.
	next place
	size int
}

// part writes as much as fits and returns where the part ends.
func (c *cutter) part() end {
	for {
		at := c.cursor.at
		a, ok := c.cursor.next()
		if !ok {
			return end{writerState: c.last.writerState, next: at}
		}
		switch {
		case a.space > 0 && a.span.style.block > 0: // all white space of code counts but this
			c.note(a.space, end{writerState: c.writer.state(), next: a.next, size: c.writer.size})
		case a.space > 0 && !c.writer.visible:
			continue // no part begins with it
		case a.space > 0:
			c.note(c.between(a.space), end{writerState: c.last.writerState, next: a.next, size: c.last.size})
		}
		if !c.writer.put(a.text, a.span) {
			return c.cutBefore(at, a)
		}
		if a.space == 0 {
			c.last = end{writerState: c.writer.state(), next: a.next, size: c.writer.size}
			c.stopped = stops(a.text, c.stopped)
			if a.breaks {
				c.note(c.between(byWord), c.last)
			}
		}
	}
}

// between returns the level of what stands between two words: another one behind a sentence.
func (c *cutter) between(l level) level {
	if l == byWord && c.stopped {
		return bySentence
	}
	return l
}

// stops reports whether an atom ends a sentence, or is the quote or bracket behind one that did.
func stops(atom string, stopped bool) bool {
	switch atom {
	case ".", "!", "?", "…", "。", "！", "？":
		return true
	case `"`, "'", "”", "’", "»", ")", "」":
		return stopped
	}
	return false
}

// note remembers an end of a level.
func (c *cutter) note(l level, e end) {
	if e.visible {
		c.ends[l] = e
	}
}

// cutBefore returns the best end of a part that the atom at that place did not fit in.
func (c *cutter) cutBefore(at place, a atom) end {
	// A part is to be a quarter full, so that there are not many more than are needed, and so
	// that no text is gone over more than four times; half full before a block is cut in two.
	enough := map[level]int{byBlock: 4, byParagraph: 4, byLine: 2, bySentence: 2, byWord: 4}
	for l := byBlock; l >= byWord; l-- {
		if e := c.ends[l]; e.visible && e.size >= c.writer.limit.max()/enough[l] {
			return e
		}
	}
	switch {
	case c.last.written > 0:
		return end{writerState: c.last.writerState, next: at}
	case c.writer.b.Len() > 0:
		return end{writerState: c.writer.state(), next: at}
	}
	return c.force(at, a)
}

// force writes as much as fits of an atom that is longer than a part.
func (c *cutter) force(at place, a atom) end {
	next := at
	for i, r := range a.text {
		if !c.writer.put(string(r), a.span) {
			break
		}
		next.offset = at.offset + i + len(string(r))
	}
	if next.offset == at.offset+len(a.text) {
		next = a.next
	}
	return end{writerState: c.writer.state(), next: next}
}
