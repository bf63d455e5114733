package markup_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels/markup"
)

func TestPartial(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                  "",
		"a":                 "a",
		"**bol":             "<b>bol</b>",
		"**bold*":           "<b>bold</b>",
		"**bold**":          "<b>bold</b>",
		"**bold ":           "<b>bold</b>",
		"a **":              "a",
		"a *b **c":          "a <i>b <b>c</b></i>",
		"x *a* _b":          "x <i>a</i> <i>b</i>",
		"2 * 3":             "2 * 3",
		"snake_case and _x": "snake_case and <i>x</i>",
		"`co":               "<code>co</code>",
		"a ``":              "a",
		"``a`":              "<code>a</code>",
		"`*a":               "<code>*a</code>",
		"**`a":              "<code>a</code>",
		"see [lab":          "see lab",
		"see [la *b":        "see la <i>b</i>",
		"see [label](htt":   "see label",
		"![al":              "al",
		"a [b] c":           "a [b] c",
		"[a](https://x)":    `<a href="https://x">a</a>`,
		"a\\":               "a",
		"\\*a":              "*a",
		"Title\n-":          "Title",
		"Title\n---\nb":     "<b>Title</b>\n\nb",
		"* item **b":        "• item <b>b</b>",
		"**a\n\nb":          "**a\n\nb",
		"```\n*x":           "<pre>*x</pre>",
		"```\nx\n```\n*y":   "<pre>x</pre>\n\n<i>y</i>",
	} {
		if diff := cmp.Diff(want, markup.Partial(markup.Telegram, text)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", text, diff)
		}
	}
}

// Every beginning of every example of the specification renders to valid markup.
func TestPartialOfTheSpecification(t *testing.T) {
	t.Parallel()
	list := examples(t)
	for name, s := range syntaxes() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, e := range list {
				for i := range e.Markdown {
					if got := markup.Partial(s, e.Markdown[:i]); valid(s, got) != nil {
						t.Fatalf("example %d, %q: %q: %v", e.Number, e.Markdown[:i], got, valid(s, got))
					}
				}
			}
		})
	}
}
