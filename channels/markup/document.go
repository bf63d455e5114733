package markup

import (
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// document is a text in CommonMark that is being flattened into spans.
type document struct {
	syntax *syntax
	source []byte
	spans  []span
	// gap is the white space before the next span, empty when there is none.
	gap span
	// tail is the text of the last span so far, and written how much there is in all.
	tail    strings.Builder
	written int
	// number is that of the latest quote or code block.
	number int
}

// parse flattens a text in CommonMark for a syntax. A text that was made to take long is
// not parsed but shown as it is.
func parse(s *syntax, source string) []span {
	source = clean(source)
	if !parseable(source) {
		return s.prepare(plainSpans(source))
	}
	d := document{syntax: s, source: []byte(source)}
	root := goldmark.DefaultParser().Parse(text.NewReader(d.source), parser.WithContext(parser.NewContext()))
	d.blocks(root, style{}, span{text: "\n\n", level: byBlock})
	d.flush()
	return s.prepare(d.spans)
}

// clean makes a text valid UTF-8 with \n as its only line ending and no NUL.
func clean(text string) string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	if strings.ContainsAny(text, "\r\x00") {
		text = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\x00", "\uFFFD").Replace(text)
	}
	return text
}

// plainSpans makes spans of a text without any markup: lines, and what stands between them.
// One line end is a line's, several are a paragraph's.
func plainSpans(text string) (spans []span) {
	for text != "" {
		end := strings.IndexByte(text, '\n')
		if end < 0 {
			return append(spans, span{text: text})
		}
		if end > 0 {
			spans = append(spans, span{text: text[:end]})
		}
		next := end
		for next < len(text) && text[next] == '\n' {
			next++
		}
		between := byLine
		if next-end > 1 {
			between = byParagraph
		}
		spans = append(spans, span{text: text[end:next], level: between})
		text = text[next:]
	}
	return spans
}

// add appends a piece of text after the gap before it, to the last span where that has the
// same style. The gap waits for a text, since some blocks show nothing.
func (d *document) add(text string, st style) {
	if text == "" {
		return
	}
	if d.gap.text != "" {
		if len(d.spans) > 0 {
			if last := d.spans[len(d.spans)-1].style.quote; last == st.quote {
				d.gap.style.quote = last
			}
			d.push(d.gap)
		}
		d.gap = span{}
	}
	if n := len(d.spans); n == 0 || d.spans[n-1].style != st || d.spans[n-1].level != 0 {
		d.push(span{style: st})
	}
	d.tail.WriteString(text)
	d.written += len(text)
}

// push appends a span; the text of the one before is complete.
func (d *document) push(s span) {
	d.flush()
	d.spans = append(d.spans, s)
	d.tail.WriteString(s.text)
}

// flush gives the last span its text.
func (d *document) flush() {
	if n := len(d.spans); n > 0 {
		d.spans[n-1].text = d.tail.String()
		d.tail.Reset()
	}
}

// separate puts a gap before the next text; of several the widest remains.
func (d *document) separate(gap span) {
	if len(gap.text) > len(d.gap.text) {
		d.gap = gap
	}
}

// newline ends a line within a block.
func (d *document) newline(st style) {
	if st.link != "" {
		d.add(" ", st)
		return
	}
	if len(d.spans) > 0 && d.gap.text == "" {
		d.push(span{text: "\n", style: st, level: byLine})
	}
}

// lines returns the lines of a block.
func (d *document) lines(n ast.Node) string {
	var b strings.Builder
	for i := range n.Lines().Len() {
		line := n.Lines().At(i)
		b.Write(line.Value(d.source))
	}
	return b.String()
}
