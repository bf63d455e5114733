package markup

import (
	"strconv"
	"strings"

	"github.com/yuin/goldmark/ast"
)

// tight and loose are the gaps within a container.
func tight() span { return span{text: "\n", level: byParagraph} }
func loose() span { return span{text: "\n\n", level: byParagraph} }

// maxIndent bounds the columns before a line, however deep its list is.
const maxIndent = 12

// blocks adds the blocks of a container, with a gap between them.
func (d *document) blocks(container ast.Node, st style, apart span) {
	for n := container.FirstChild(); n != nil; n = n.NextSibling() {
		if previous := n.PreviousSibling(); previous != nil {
			gap := apart
			if previous.Kind() == ast.KindHeading { // it belongs to what follows
				gap.level = byLine
			}
			d.separate(gap)
		}
		d.block(n, st)
	}
}

// block adds one block.
func (d *document) block(n ast.Node, st style) {
	switch n := n.(type) {
	case *ast.Heading: // no chat has headings
		st.marks = st.marks.with(bold)
		d.inlines(n, st)
	case *ast.Paragraph, *ast.TextBlock:
		d.inlines(n, st)
	case *ast.ThematicBreak:
		d.add("———", st)
	case *ast.CodeBlock:
		d.code(n, st)
	case *ast.FencedCodeBlock:
		st.language = string(n.Language(d.source))
		d.code(n, st)
	case *ast.HTMLBlock:
		d.html(n, st)
	case *ast.Blockquote: // one within another is a part of it: Telegram takes no more
		if st.quote == 0 {
			d.number++
			st.quote = d.number
		}
		d.blocks(n, st, loose())
	case *ast.List:
		d.list(n, st)
	default:
		d.blocks(n, st, loose())
	}
}

// list adds a list, each item behind its marker.
func (d *document) list(n *ast.List, st style) {
	gap := loose()
	if n.IsTight {
		gap = tight()
	}
	number := n.Start
	for item := n.FirstChild(); item != nil; item = item.NextSibling() {
		if item.PreviousSibling() != nil {
			d.separate(gap)
		}
		marker := d.syntax.bullet
		if n.IsOrdered() {
			marker = strconv.Itoa(number) + string(n.Marker) + " "
			number++
		}
		d.add(marker, st)
		within := st
		within.indent = min(st.indent+len([]rune(marker)), maxIndent)
		d.blocks(item, within, gap)
	}
}

// code adds a code block, line by line.
func (d *document) code(n ast.Node, st style) {
	text := strings.TrimRight(d.lines(n), "\n")
	if text == "" {
		return
	}
	d.number++
	st.block = d.number
	for i, line := range strings.Split(text, "\n") {
		if i > 0 {
			d.newline(st)
		}
		d.add(line, st)
	}
}

// html adds an HTML block as the text that it is.
func (d *document) html(n *ast.HTMLBlock, st style) {
	text := d.lines(n)
	if n.HasClosure() {
		text += string(n.ClosureLine.Value(d.source))
	}
	for i, line := range strings.Split(strings.TrimRight(text, "\n"), "\n") {
		if i > 0 {
			d.newline(st)
		}
		d.add(line, st)
	}
}
