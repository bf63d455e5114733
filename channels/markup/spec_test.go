package markup_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"html"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels/markup"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// example is one example of CommonMark's specification.
type example struct {
	Number   int    `json:"example"`
	Section  string `json:"section"`
	Markdown string `json:"markdown"`
	HTML     string `json:"html"`
}

func examples(t testing.TB) []example {
	t.Helper()
	data, err := os.ReadFile("testdata/spec.json")
	if err != nil {
		t.Fatal(err)
	}
	var list []example
	if err := json.Unmarshal(data, &list); err != nil || len(list) < 600 {
		t.Fatalf("%d examples: %v", len(list), err)
	}
	return list
}

// syntaxes are all markups by name.
func syntaxes() map[string]markup.Syntax {
	return map[string]markup.Syntax{
		"plain": markup.Plain, "slack": markup.Slack, "telegram": markup.Telegram, "whatsapp": markup.WhatsApp,
	}
}

// TestGolden has a pair for each example and markup.
func TestGolden(t *testing.T) {
	t.Parallel()
	list := examples(t)
	for name, s := range syntaxes() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got strings.Builder
			for _, e := range list {
				fmt.Fprintf(&got, "# %d, %s\n%q\n%q\n", e.Number, e.Section, e.Markdown, markup.Render(s, e.Markdown))
			}
			file := filepath.Join("testdata", name+".golden")
			if *update {
				if err := os.WriteFile(file, []byte(got.String()), 0o600); err != nil {
					t.Fatal(err)
				}
				return
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got.String()); diff != "" {
				t.Errorf("%s (-want +got):\n%s", file, diff)
			}
		})
	}
}

var (
	anyTag = regexp.MustCompile(`<[^>]*>`)
	image  = regexp.MustCompile(`<img src="([^"]*)" alt="([^"]*)"[^>]*>`)
)

// letters returns what a reader reads, without white space.
func letters(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, text)
}

// telegramText returns what a reader of Telegram's HTML reads.
func telegramText(text string) string { return html.UnescapeString(anyTag.ReplaceAllString(text, "")) }

// hasHTML reports whether a tag of the example's HTML is one that it holds itself.
func (e *example) hasHTML() bool {
	return e.Section == "HTML blocks" || slices.ContainsFunc(anyTag.FindAllString(e.HTML, -1), func(tag string) bool {
		return strings.Contains(e.Markdown, tag)
	})
}

// The specification says in HTML what each example means. What a reader of Telegram's HTML
// reads is the same, but for the signs of lists and rules.
func TestReadsAsTheSpecification(t *testing.T) {
	t.Parallel()
	compared := 0
	for _, e := range examples(t) {
		if e.hasHTML() || strings.Contains(e.HTML, "<ol") || strings.Contains(e.HTML, "<!") {
			continue
		}
		compared++
		want := letters(html.UnescapeString(anyTag.ReplaceAllString(image.ReplaceAllString(e.HTML, "$2"), "")))
		got := letters(strings.NewReplacer("•", "", "———", "").Replace(telegramText(markup.Render(markup.Telegram, e.Markdown))))
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("example %d, %q (-want +got):\n%s", e.Number, e.Markdown, diff)
		}
	}
	if compared < 500 {
		t.Errorf("only %d examples are compared", compared)
	}
}

// Emphasis, code spans and paragraphs have the same tags as in the specification, where none is within
// its like.
func TestTagsAsTheSpecification(t *testing.T) {
	t.Parallel()
	compared := 0
	asTelegram := strings.NewReplacer("<em>", "<i>", "</em>", "</i>", "<strong>", "<b>", "</strong>", "</b>",
		"</p>\n<p>", "\n\n", "<p>", "", "</p>\n", "", "&quot;", `"`)
	simple := regexp.MustCompile(`^(?:[^<]|</?(?:p|em|strong|code)>)*$`)
	for _, e := range examples(t) {
		want := asTelegram.Replace(e.HTML)
		nested := regexp.MustCompile(`<(i|b)>[^/]*<(i|b|code)>|</(i|b)></`).MatchString(want)
		if !simple.MatchString(e.HTML) || nested || letters(want) == "<code></code>" || strings.Contains(want, "\u00a0") ||
			strings.Contains(e.Markdown, "&#10;") {
			continue
		}
		compared++
		if diff := cmp.Diff(want, markup.Render(markup.Telegram, e.Markdown)); diff != "" {
			t.Errorf("example %d, %q (-want +got):\n%s", e.Number, e.Markdown, diff)
		}
	}
	if compared < 150 {
		t.Errorf("only %d examples are compared", compared)
	}
}
