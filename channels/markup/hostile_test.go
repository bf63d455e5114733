package markup_test

import (
	"strings"
	"testing"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/channels/markup"
)

// hostile are texts that were made to take long, each a repetition.
func hostile() []string {
	return []string{
		"[", "*", "_", "**a ", "`", "[a](", "[](", "![", "> ", "- ", "1. ", "<", "&", "*a_b ", "a*", "_a*", "[a]: b\n\n", "[a\n",
		"```\n", "    - a\n", "\\", "<!--", "<a ", "a **b ", "](", "- a\n\n", "> - ", "* * a\n", "[a]:\n", "[a](<b", "&amp;", "\\*",
		"\u0301", "👩‍", "a\n", "\n", "\t", "a\n-\n", "- [](\n", "```\n[](\n\n", ">\n", "| a ", "~", "\u200b", "# ", "é",
	}
}

// A text that was made to take long is valid, fits, and becomes no more than some times as
// long.
func TestHostile(t *testing.T) {
	t.Parallel()
	const length = 16 << 10
	for _, piece := range hostile() {
		text := strings.Repeat(piece, length/len(piece))
		for name, s := range syntaxes() {
			l := markup.Limit{Max: 4000, Unit: channels.UnitUTF16}
			parts := markup.Cut(s, text, l)
			checkParts(t, s, piece+"...", l, parts)
			if n := len(strings.Join(parts, "")); n > 8*length {
				t.Errorf("%q becomes %d bytes in %s", piece, n, name)
			}
			if got := markup.Partial(s, text); valid(s, got) != nil {
				t.Errorf("%q in %s: %v", piece, name, valid(s, got))
			}
		}
	}
}

// What the parser's work would grow with the square of is shown as it is; what is meant to be
// read is not.
func TestHostileIsNotParsed(t *testing.T) {
	t.Parallel()
	for _, piece := range []string{"[", "[](", "[a](", "![", "_a*", "> ", "1. ", "> - ", "[a](<b", "*a_b "} {
		text := strings.Repeat(piece, (64<<10)/len(piece))
		if got := markup.Render(markup.WhatsApp, text); got != text {
			t.Errorf("%q is parsed: %.80q", piece, got)
		}
	}
	code := "```\n" + strings.Repeat("a[i] = b[i]\n", 200) + "```"
	for name, text := range map[string]string{
		"many paragraphs": strings.Repeat("**a** [b](https://c) `d`\n\n", 4000),
		"many links":      strings.Repeat("- **a** [b](https://c)\n", 4000),
		"much code":       "**a**\n\n" + code,
		"much after code": code + "\n\n" + code + "\n\n**a**",
	} {
		if got := markup.Render(markup.Slack, text); strings.Contains(got, "**a**") {
			t.Errorf("%s: not parsed: %.80q", name, got)
		}
	}
	long := strings.Repeat("**a**\n\n", 100_000)
	if got := markup.Render(markup.Slack, long); !strings.HasPrefix(got, "**a**") {
		t.Errorf("a text of %d bytes is parsed: %.80q", len(long), got)
	}
}

func FuzzMarkup(f *testing.F) {
	for _, e := range examples(f)[:200] {
		f.Add(e.Markdown, 40)
	}
	for _, piece := range hostile() {
		f.Add(strings.Repeat(piece, 30), 16)
	}
	f.Fuzz(func(t *testing.T, text string, limit int) {
		limit = limit&0xFFF | 1
		for _, s := range syntaxes() {
			if got := markup.Render(s, text); valid(s, got) != nil {
				t.Fatalf("%q: %q: %v", text, got, valid(s, got))
			}
			if got := markup.Partial(s, text); valid(s, got) != nil {
				t.Fatalf("%q grows: %q: %v", text, got, valid(s, got))
			}
			for _, unit := range units() {
				l := markup.Limit{Max: limit, Unit: unit}
				checkParts(t, s, text, l, markup.Cut(s, text, l))
			}
		}
		l := markup.Limit{Max: limit, Unit: channels.UnitUTF16}
		parts := markup.CutText(text, l)
		if len(parts) > 1 {
			checkParts(t, markup.Plain, text, l, parts)
		}
	})
}
