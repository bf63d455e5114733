package markup

import (
	"bufio"
	"bytes"
	"html"
	"strings"

	"github.com/yuin/goldmark/ast"
	ghtml "github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/util"
)

// inlines adds what a block or an inline holds.
func (d *document) inlines(parent ast.Node, st style) {
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		d.inline(n, st)
	}
}

// inline adds one inline.
func (d *document) inline(n ast.Node, st style) {
	switch n := n.(type) {
	case *ast.Text:
		d.text(n, st)
	case *ast.String:
		d.add(string(n.Value), st)
	case *ast.CodeSpan:
		st.code = true
		d.add(d.codeSpan(n), st)
	case *ast.Emphasis:
		mark := italic
		if n.Level > 1 {
			mark = bold
		}
		st.marks = st.marks.with(mark)
		d.inlines(n, st)
	case *ast.Link:
		d.link(n, string(util.URLEscape(n.Destination, true)), st)
	case *ast.Image:
		d.link(n, string(util.URLEscape(n.Destination, true)), st)
	case *ast.AutoLink:
		d.autoLink(n, st)
	case *ast.RawHTML:
		d.rawHTML(n, st)
	default:
		d.inlines(n, st)
	}
}

// text adds a text and the line that may end with it.
func (d *document) text(n *ast.Text, st style) {
	value := n.Segment.Value(d.source)
	if n.IsRaw() {
		d.add(string(value), st)
	} else {
		d.add(unescape(value), st)
	}
	if n.HardLineBreak() || n.SoftLineBreak() {
		d.newline(st)
	}
}

// unescape resolves backslash escapes and entities. A line end that was written as an entity
// is a space: it ends no line of the source.
func unescape(text []byte) string {
	if !bytes.ContainsAny(text, `\&`) {
		return string(text)
	}
	var escaped bytes.Buffer
	w := bufio.NewWriter(&escaped)
	ghtml.DefaultWriter.Write(w, text) // resolves them, and escapes what is left for HTML
	_ = w.Flush()                      // to memory
	return strings.ReplaceAll(clean(html.UnescapeString(escaped.String())), "\n", " ")
}

// codeSpan returns the code of a code span; a line that ends in it is a space.
func (d *document) codeSpan(n *ast.CodeSpan) string {
	var b strings.Builder
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		if t, ok := c.(*ast.Text); ok {
			b.Write(t.Segment.Value(d.source))
		}
	}
	return strings.ReplaceAll(b.String(), "\n", " ")
}

// link adds a link or an image: its label, which leads to the address.
func (d *document) link(n ast.Node, address string, st style) {
	target, ok := linkTo(address)
	if !ok || st.link != "" { // an image in a link is a part of its label
		d.inlines(n, st)
		return
	}
	st.link = target
	before := d.written
	d.inlines(n, st)
	if d.written == before {
		d.add(address, st) // it has no label
		return
	}
	if !d.syntax.links {
		st.address, st.code = true, false
		d.add(" ("+target+")", st)
	}
}

// autoLink adds an address that is its own label.
func (d *document) autoLink(n *ast.AutoLink, st style) {
	address, label := string(n.URL(d.source)), string(n.Label(d.source))
	if n.AutoLinkType == ast.AutoLinkEmail && !strings.HasPrefix(strings.ToLower(address), "mailto:") {
		address = "mailto:" + address
	}
	if target, ok := linkTo(address); ok && st.link == "" {
		st.link = target
	}
	d.add(label, st)
}

// rawHTML adds HTML within a line as the text that it is.
func (d *document) rawHTML(n *ast.RawHTML, st style) {
	var b strings.Builder
	for i := range n.Segments.Len() {
		segment := n.Segments.At(i)
		b.Write(segment.Value(d.source))
	}
	for i, line := range strings.Split(b.String(), "\n") {
		if i > 0 {
			d.newline(st)
		}
		d.add(line, st)
	}
}
