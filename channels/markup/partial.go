package markup

import (
	"slices"
	"strings"
)

// Partial renders a text that still grows: emphasis, code and links that it has begun and not
// ended are closed, so that a reader sees no sign of the markup that its end will take away.
// Whatever the text, the result is valid markup.
func Partial(s Syntax, text string) string {
	return Render(s, complete(clean(text)))
}

// complete ends what the last paragraph of a text has begun.
func complete(text string) string {
	start := lastParagraph(text)
	if start < 0 { // in a code fence, which needs no end
		return text
	}
	t := tail{text: dropUnderline(text[start:])}
	t.scan()
	return text[:start] + t.completed()
}

// lastParagraph returns where the last paragraph begins, or -1 when a code fence is open. What
// is open ends with its paragraph, so nothing before it matters.
func lastParagraph(text string) int {
	start, at, fence := 0, 0, ""
	for line := range strings.Lines(text) {
		at += len(line)
		trimmed := strings.TrimLeft(line, " \t>")
		run := trimmed[:len(trimmed)-len(strings.TrimLeft(trimmed, "`~"))]
		switch {
		case fence != "":
			if strings.HasPrefix(run, fence) && strings.TrimSpace(trimmed) == run {
				fence, start = "", at
			}
		case opensFence(run, trimmed[len(run):]):
			fence = run
		case strings.TrimSpace(line) == "":
			start = at
		}
	}
	if fence != "" {
		return -1
	}
	return start
}

// opensFence reports whether a run at the start of a line opens a code fence with that info.
func opensFence(run, info string) bool {
	return len(run) >= 3 && runOf(run) == len(run) && (run[0] == '~' || !strings.Contains(info, "`"))
}

// dropUnderline takes away a last line that would make a heading of the line before it, and
// is more likely the beginning of a list.
func dropUnderline(paragraph string) string {
	end := strings.LastIndexByte(paragraph, '\n')
	if end <= 0 {
		return paragraph
	}
	if line := strings.TrimSpace(paragraph[end:]); line != "" && strings.Trim(line, "-=") == "" {
		return paragraph[:end]
	}
	return paragraph
}

// tail is the paragraph in progress.
type tail struct {
	text string
	// open are the runs of * and _ that no run has closed yet.
	open []string
	// code is the run of backticks that is open, and codeAt where it begins.
	code   string
	codeAt int
	// end is where a sign begins that ends the text and has begun nothing yet.
	end int
	// bracket is where the last [ that is open stands, -1 without one.
	bracket int
	// address is where the address of its link begins, -1 without one.
	address int
}

// maxOpen bounds the emphasis that is followed.
const maxOpen = 16

// scan finds what is open.
func (t *tail) scan() {
	t.bracket, t.address, t.end = -1, -1, len(t.text)
	for i := 0; i < len(t.text); {
		c, n := t.text[i], 1
		if c == '`' || c == '*' || c == '_' {
			n = runOf(t.text[i:])
		}
		switch {
		case c == '`':
			t.backticks(i, n)
		case t.code != "":
		case c == '\\' && i+1 == len(t.text):
			t.end = i
		case c == '\\':
			n = 2
		case c == '*' || c == '_':
			t.delimiter(i, n)
		default:
			t.link(i, c)
		}
		i += n
	}
}

// runOf returns how often the first byte is repeated.
func runOf(text string) int {
	n := 1
	for n < len(text) && text[n] == text[0] {
		n++
	}
	return n
}

// backticks opens code, or closes it when the run is as long.
func (t *tail) backticks(at, n int) {
	switch run := t.text[at : at+n]; t.code {
	case "":
		t.code, t.codeAt = run, at
	case run:
		t.code = ""
	}
}

// delimiter opens or closes emphasis, about as CommonMark does: a run closes where no white
// space is before it, and opens where none is behind it, an underscore at the start of a word only.
// Where this guesses wrong, a reader sees a sign for a moment.
func (t *tail) delimiter(at, n int) {
	run := t.text[at : at+n]
	spaceBefore := at == 0 || isSpace(t.text[at-1])
	spaceAfter := at+n == len(t.text) || isSpace(t.text[at+n])
	last := len(t.open) - 1
	switch {
	case last >= 0 && !spaceBefore && strings.HasPrefix(t.open[last], run):
		if t.open[last] = t.open[last][n:]; t.open[last] == "" {
			t.open = t.open[:last]
		}
	case !spaceAfter && (run[0] == '*' || spaceBefore) && len(t.open) < maxOpen && n <= 3:
		t.open = append(t.open, run)
	case spaceBefore && at+n == len(t.text):
		t.end = at
	}
}

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\t' }

// link follows the brackets of links: [ opens a label, ]( behind it an address, and ) ends it.
func (t *tail) link(at int, c byte) {
	switch {
	case c == '[':
		t.bracket, t.address = at, -1
	case c == '(' && at > 0 && t.text[at-1] == ']' && t.bracket >= 0:
		t.address = at
	case c == ')' && t.address >= 0:
		t.bracket, t.address = -1, -1
	}
}

// completed returns the paragraph with its end.
func (t *tail) completed() string {
	text := t.text[:t.end]
	if t.code != "" {
		code := strings.TrimRight(t.text[t.codeAt+len(t.code):], "` \n")
		if text = t.text[:t.codeAt]; code != "" {
			text += t.code + code + t.code
		}
	} else {
		text = t.withoutLink(text)
	}
	if len(t.open) == 0 {
		return text
	}
	text = strings.TrimRight(text, " \t\n") // or what follows would open and not close
	for _, run := range slices.Backward(t.open) {
		text += run
	}
	return text
}

// withoutLink returns the text with no more than the label of a link that has not ended.
func (t *tail) withoutLink(text string) string {
	switch {
	case t.bracket < 0 || t.bracket >= len(text):
		return text
	case t.address >= 0:
		text = text[:t.address-1]
	case strings.Contains(text[t.bracket:], "]"): // it may be no link
		return text
	}
	return strings.TrimSuffix(text[:t.bracket], "!") + text[t.bracket+1:]
}
