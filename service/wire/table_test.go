package wire_test

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	root       = "../../"
	page       = "docs/agents/rasa.md"
	tableBegin = "<!-- differences: written by \"make generate\" from service/wire/testdata/differences.yml. -->\n"
	tableEnd   = "<!-- end of differences -->\n"
)

// TestTable compares the table in docs/agents/rasa.md with the entries it is made of. It needs
// no Rasa.
func TestTable(t *testing.T) {
	t.Parallel()
	want, err := os.ReadFile(root + page)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(want), tableBegin)
	_, after, foundEnd := strings.Cut(rest, tableEnd)
	if !found || !foundEnd {
		t.Fatalf("%s: the markers of the table are missing", page)
	}
	got := before + tableBegin + table(t, readCases[entry](t, "differences")) + tableEnd + after
	if *update {
		if err := os.WriteFile(root+page, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s: run \"make generate\" (-want +got):\n%s", page, diff)
	}
}

// table makes the rows of the entries.
func table(t *testing.T, entries []entry) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("| | Rasa | Manyvox | why |\n|---|---|---|---|\n")
	for _, e := range entries {
		for key, value := range map[string]string{"of": e.Of, "rasa": e.Rasa, "manyvox": e.Manyvox, "why": e.Why} {
			if value == "" || strings.ContainsAny(value, "|\n") {
				t.Errorf("entry %q: %s is empty, or does not fit in a table: %q", e.Of, key, value)
			}
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s ([more](%s)) |\n", e.Of, e.Rasa, e.Manyvox, e.Why, link(t, e.Anchor))
	}
	return b.String()
}

// link returns the link from the page to an anchor, whose heading must be there.
func link(t *testing.T, anchor string) string {
	t.Helper()
	file, heading, _ := strings.Cut(anchor, "#")
	text, err := os.ReadFile(root + file)
	if err != nil {
		t.Error(err)
		return ""
	}
	found := false
	for line := range strings.Lines(string(text)) {
		title, isHeading := strings.CutPrefix(strings.TrimLeft(line, "#"), " ")
		found = found || isHeading && strings.HasPrefix(line, "#") && slug(title) == heading
	}
	if !found {
		t.Errorf("%s has no heading for #%s", file, heading)
	}
	if file == page {
		return "#" + heading
	}
	relative, err := filepath.Rel(path.Dir(page), file)
	if err != nil {
		t.Error(err)
	}
	return relative + "#" + heading
}

// slug returns the anchor that GitHub gives to a heading of words.
func slug(title string) string {
	return strings.ReplaceAll(strings.ToLower(strings.Map(func(r rune) rune {
		if strings.ContainsRune("`,.:", r) {
			return -1
		}
		return r
	}, strings.TrimSpace(title))), " ", "-")
}
