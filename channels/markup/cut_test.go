package markup_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/channels/markup"
)

// units are all units by name.
func units() map[string]channels.Unit {
	return map[string]channels.Unit{"characters": channels.UnitRunes, "utf16": channels.UnitUTF16, "bytes": channels.UnitBytes}
}

// checkParts wants each part to be valid, short enough and to show something.
func checkParts(t *testing.T, s markup.Syntax, source string, l markup.Limit, parts []string) {
	t.Helper()
	for i, part := range parts {
		if n := l.Unit.Len(part); l.Max > 0 && n > max(l.Max, markup.MinMax) {
			t.Fatalf("%q in parts of %d: part %d is %d long: %q", source, l.Max, i, n, part)
		}
		if err := valid(s, part); err != nil {
			t.Fatalf("%q in parts of %d: part %d, %q: %v", source, l.Max, i, part, err)
		}
		if strings.TrimSpace(part) == "" {
			t.Fatalf("%q in parts of %d: part %d of %q shows nothing", source, l.Max, i, parts)
		}
	}
}

// Every cut of every example of the specification is valid, and no letter is lost.
func TestCutTheSpecification(t *testing.T) {
	t.Parallel()
	list := examples(t)
	for name, s := range syntaxes() {
		for unitName, unit := range units() {
			t.Run(name+" by "+unitName, func(t *testing.T) {
				t.Parallel()
				for _, e := range list {
					for _, limit := range []int{1, 24, 60} {
						l := markup.Limit{Max: limit, Unit: unit}
						parts := markup.Cut(s, e.Markdown, l)
						checkParts(t, s, e.Markdown, l, parts)
						if s == markup.Telegram {
							want := letters(telegramText(markup.Render(s, e.Markdown)))
							if diff := cmp.Diff(want, letters(telegramText(strings.Join(parts, "")))); diff != "" {
								t.Fatalf("example %d in parts of %d: %q (-want +got):\n%s", e.Number, limit, parts, diff)
							}
						}
					}
				}
			})
		}
	}
}

func TestCut(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		syntax markup.Syntax
		text   string
		limit  markup.Limit
		want   []string
	}{
		{"nothing", markup.Slack, " \n", markup.Limit{Max: 20}, nil},
		{"what shows nothing", markup.Telegram, "[a]: https://x.example", markup.Limit{Max: 20}, nil},
		{"no limit", markup.Slack, "a **b**", markup.Limit{}, []string{"a *b*"}},
		{"short enough", markup.Slack, "a **b**", markup.Limit{Max: 20}, []string{"a *b*"}},
		{"between blocks", markup.Slack, "one two\n\n- three\n- four five", markup.Limit{Max: 20}, []string{"one two", "• three\n• four five"}},
		{"a heading stays with its text", markup.Slack, "aaaa bbbb\n\n# Head\n\ncccc dddd", markup.Limit{Max: 20}, []string{"aaaa bbbb", "*Head*\n\ncccc dddd"}},
		{"between items", markup.Slack, "- one two three\n- four five six", markup.Limit{Max: 20}, []string{"• one two three", "• four five six"}},
		{"between lines", markup.Slack, "one two three\nfour five six", markup.Limit{Max: 20}, []string{"one two three", "four five six"}},
		{"between sentences", markup.Slack, "One two. Three. Four five six", markup.Limit{Max: 20}, []string{"One two. Three.", "Four five six"}},
		{"behind a quote", markup.Plain, "He says “it is.” Do", markup.Limit{Max: 18}, []string{"He says “it is.”", "Do"}},
		{"a sentence that is too short", markup.Slack, "One. two three four five six", markup.Limit{Max: 20}, []string{"One. two three four", "five six"}},
		{"between words", markup.Slack, "one two three four five six", markup.Limit{Max: 20}, []string{"one two three four", "five six"}},
		{"within a word", markup.Slack, "abcdefghijklmnopqrstuvwxyz", markup.Limit{Max: 20}, []string{"abcdefghijklmnopqrst", "uvwxyz"}},
		{"not within a cluster", markup.Plain, "abcdefghijklmn👩‍👩‍👧‍👦z", markup.Limit{Max: 16}, []string{"abcdefghijklmn", "👩‍👩‍👧‍👦z"}},
		{"by UTF-16 units", markup.Plain, "👍👍👍👍👍👍👍👍👍", markup.Limit{Max: 16, Unit: channels.UnitUTF16}, []string{"👍👍👍👍👍👍👍👍", "👍"}},
		{"by bytes", markup.Plain, "ééééééééé", markup.Limit{Max: 16, Unit: channels.UnitBytes}, []string{"éééééééé", "é"}},
		{"where the script breaks", markup.Plain, "日本語日本語日本語日本語日本語。日本", markup.Limit{Max: 16}, []string{"日本語日本語日本語日本語日本語。", "日本"}},
		{"emphasis is opened again", markup.Telegram, "**one two three four**", markup.Limit{Max: 20}, []string{"<b>one two three</b>", "<b>four</b>"}},
		{
			"a code block is opened again", markup.Telegram, "```go\n" + strings.Repeat("a", 50) + "\n  " + strings.Repeat("b", 50) + "\n```", markup.Limit{Max: 110},
			[]string{
				`<pre><code class="language-go">` + strings.Repeat("a", 50) + `</code></pre>`,
				`<pre><code class="language-go">  ` + strings.Repeat("b", 50) + `</code></pre>`,
			},
		},
		{"a code block of Slack", markup.Slack, "```\naaaaaaaa\n\nbbbbbbbb\n```", markup.Limit{Max: 20}, []string{"```\naaaaaaaa\n\n```", "```\nbbbbbbbb\n```"}},
		{"a quote", markup.Slack, "> one two three four", markup.Limit{Max: 20}, []string{"&gt; one two three", "&gt; four"}},
		{
			"a quote of Telegram", markup.Telegram, "> one two three four five six seven\n\nx", markup.Limit{Max: 55},
			[]string{"<blockquote>one two three four five six</blockquote>", "<blockquote>seven</blockquote>\n\nx"},
		},
		{"a style that leaves no room", markup.Telegram, "> one two three", markup.Limit{Max: 30}, []string{"one two three"}},
		{"an item goes on in its column", markup.Plain, "1. one two three\n   four", markup.Limit{Max: 16}, []string{"1. one two three", "   four"}},
		{"a link that leaves no room", markup.Slack, "[one two](https://long.example/address)", markup.Limit{Max: 36}, []string{"one two"}},
		{"escapes are not cut", markup.Telegram, "aaaaaaaaaaaa & & &", markup.Limit{Max: 20}, []string{"aaaaaaaaaaaa &amp;", "&amp; &amp;"}},
		{"less than the least", markup.Plain, "0123456789abcdef01", markup.Limit{Max: 1}, []string{"0123456789abcdef", "01"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := markup.Cut(c.syntax, c.text, c.limit)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("parts (-want +got):\n%s", diff)
			}
			checkParts(t, c.syntax, c.text, c.limit, got)
		})
	}
}

func TestCutText(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, text string
		max        int
		want       []string
	}{
		{"as it is", " *a*\n\n<b> & ", 20, []string{" *a*\n\n<b> & "}},
		{"empty", "", 20, []string{""}},
		{"no limit", strings.Repeat(" a", 100), 0, []string{strings.Repeat(" a", 100)}},
		{"nothing is rendered", "**bold** <b>\n\n- x [a](https://b)", 24, []string{"**bold** <b>", "- x [a](https://b)"}},
		{"between lines", "one two three\nfour five", 20, []string{"one two three", "four five"}},
		{"white space at the cut alone", "  one  two   three    four", 20, []string{"one  two   three", "four"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := markup.CutText(c.text, markup.Limit{Max: c.max})
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("parts (-want +got):\n%s", diff)
			}
		})
	}
}
