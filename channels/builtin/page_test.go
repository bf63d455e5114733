package builtin_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels/builtin"
)

// pages is the folder that has a page for each type.
const pages = "../../docs/channels"

// section is a part of a page that is written by the test, between two marks.
type section struct{ name, text string }

func (s section) marks() (begin, end string) {
	return "<!-- " + s.name + ": written by \"make generate\" from the code. -->\n", "<!-- end of " + s.name + " -->\n"
}

// fill puts the text of a section between its marks. It reports false where they are missing.
func (s section) fill(page string) (string, bool) {
	begin, end := s.marks()
	before, rest, found := strings.Cut(page, begin)
	_, after, foundEnd := strings.Cut(rest, end)
	return before + begin + s.text + end + after, found && foundEnd
}

// holdPage compares a page with its sections, or writes them.
func holdPage(t *testing.T, file string, sections ...section) {
	t.Helper()
	golden, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	page := string(golden)
	for _, s := range sections {
		filled, ok := s.fill(page)
		if begin, end := s.marks(); !ok {
			t.Fatalf("%s: put these lines where the %s belong:\n%s%s", file, s.name, begin, end)
		}
		page = filled
	}
	if *update {
		if err := os.WriteFile(file, []byte(page), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(string(golden), page); diff != "" {
		t.Errorf("%s: run \"make generate\" (-want +got):\n%s", file, diff)
	}
}

// TestPages holds the tables of each type's page: its keys, and what it can do.
func TestPages(t *testing.T) {
	t.Parallel()
	for _, typ := range builtin.Types() {
		t.Run(typ.Name, func(t *testing.T) {
			t.Parallel()
			holdPage(t, filepath.Join(pages, typ.Name+".md"), section{"keys", keysTable(t, typ)}, section{"capabilities", profileOf(t, typ).table()})
		})
	}
}

// TestOverview holds the table of docs/channels/README.md.
func TestOverview(t *testing.T) {
	t.Parallel()
	holdPage(t, filepath.Join(pages, "README.md"), section{"channels", overview(t)})
}

// TestFill finds marks that are missing.
func TestFill(t *testing.T) {
	t.Parallel()
	s := section{"keys", "new\n"}
	begin, end := s.marks()
	if got, ok := s.fill("a\n" + begin + "old\n" + end + "b\n"); !ok || got != "a\n"+begin+"new\n"+end+"b\n" {
		t.Errorf("%t, %q", ok, got)
	}
	for _, page := range []string{"", begin, end} {
		if _, ok := s.fill(page); ok {
			t.Errorf("%q has the marks", page)
		}
	}
}
