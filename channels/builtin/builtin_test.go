package builtin_test

import (
	"flag"
	"fmt"
	"log/slog"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/channels/builtin"
	"github.com/manyvox/manyvox/config"
	"github.com/manyvox/manyvox/service/instance"
	"github.com/manyvox/manyvox/service/setup"
)

var update = flag.Bool("update", false, "rewrite the tables in docs/channels.md and docs/channels")

const (
	page  = "../../docs/channels.md"
	begin = "<!-- The table is written by \"make generate\". -->\n"
	end   = "<!-- end of the table -->\n"
)

// TestCapabilities holds the table in docs/channels.md.
func TestCapabilities(t *testing.T) {
	t.Parallel()
	golden, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(golden), begin)
	_, after, foundEnd := strings.Cut(rest, end)
	if !found || !foundEnd {
		t.Fatalf("%s: the marks of the table are missing", page)
	}
	got := before + begin + table(t) + end + after
	if *update {
		if err := os.WriteFile(page, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(string(golden), got); diff != "" {
		t.Errorf("%s: run \"make generate\" (-want +got):\n%s", page, diff)
	}
}

func table(t *testing.T) string {
	var b strings.Builder
	b.WriteString("| type | also named | RPC | can |\n|---|---|---|---|\n")
	for _, typ := range builtin.Types() {
		roles := slices.DeleteFunc(open(t, typ).Capabilities(), func(name string) bool { return name == "rpc" })
		rpc := "no"
		if typ.RPC {
			rpc = "yes"
		}
		aliases := make([]string, len(typ.Aliases))
		for i, alias := range typ.Aliases {
			aliases[i] = "`" + alias + "`"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", typ.Name, strings.Join(aliases, ", "), rpc, strings.Join(roles, ", "))
	}
	return b.String()
}

// open opens a type by the block of its Example, as it would stand in credentials.yml.
func open(t *testing.T, typ channels.Type) *instance.Config {
	t.Helper()
	yaml := typ.Name + ":\n  " + strings.ReplaceAll(typ.Example, "\n", "\n  ")
	block, err := config.Parse("credentials.yml", []byte(yaml), nil)
	if err != nil {
		t.Fatal(err)
	}
	c, err := setup.LoadCredentials(block, builtin.Types(), "", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return c.Channels[0]
}

func TestNames(t *testing.T) {
	t.Parallel()
	name, alias := regexp.MustCompile(`^[a-z][a-z0-9_]*$`), regexp.MustCompile(`^rasa(\.\w+)+$`)
	var names []string
	seen := map[string]bool{}
	for _, typ := range builtin.Types() {
		names = append(names, typ.Name)
		if !name.MatchString(typ.Name) {
			t.Errorf("type %q: a name is one lower-case word", typ.Name)
		}
		for _, n := range append([]string{typ.Name}, typ.Aliases...) {
			if seen[n] {
				t.Errorf("type %q: the name %q is taken", typ.Name, n)
			}
			if n != typ.Name && !alias.MatchString(n) {
				t.Errorf("type %q: the alias %q is no class path of Rasa's", typ.Name, n)
			}
			seen[n] = true
		}
	}
	if !slices.IsSorted(names) {
		t.Errorf("types %q: not sorted", names)
	}
}
