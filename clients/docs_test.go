package clients_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"

	agents "github.com/manyvox/manyvox/agents/builtin"
	channels "github.com/manyvox/manyvox/channels/builtin"
	"github.com/manyvox/manyvox/cmd"
	"github.com/manyvox/manyvox/cmd/cmdtest"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/memory"
)

// docs are the pages of the packages.
const docs = "../docs/clients"

var fenced = regexp.MustCompile("(?ms)^```(\\w+)\n(.*?)^```$")

// blocks returns the blocks of code of a page that are in a language.
func blocks(t *testing.T, page, language string) (list []string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(docs, page))
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range fenced.FindAllStringSubmatch(string(text), -1) {
		if m[1] == language {
			list = append(list, m[2])
		}
	}
	return list
}

// block returns one of them.
func block(t *testing.T, page, language string, n int) string {
	t.Helper()
	list := blocks(t, page, language)
	if n >= len(list) {
		t.Fatalf("%s has no block %d in %s", page, n, language)
	}
	return list[n]
}

// checkPage runs every program of a page, as it stands, against a program with no configuration.
// What it writes is the block of text that follows.
func checkPage(t *testing.T, c client, page, language, file string) {
	t.Helper()
	p := cmd.Program{Channels: channels.Types(), Agents: agents.Types(), Stores: []journal.Type{memory.Type()}}
	c.env = append(c.env[:len(c.env):len(c.env)], "MANYVOX_URL="+cmdtest.Start(t, p, "", ""))
	programs, results := blocks(t, page, language), blocks(t, page, "text")
	if len(programs) < 3 || len(programs) != len(results) {
		t.Fatalf("%s has %d programs and %d results", page, len(programs), len(results))
	}
	for i, source := range programs {
		write(t, filepath.Join(c.dir, file), source)
		if diff := cmp.Diff(results[i], c.run(t, block(t, page, "sh", 1))+"\n"); diff != "" {
			t.Errorf("program %d of %s (-want +got):\n%s", i+1, page, diff)
		}
	}
}

// checkTypes has TypeScript check the programs of the page in a project that has the package.
func checkTypes(t *testing.T, c client) {
	t.Helper()
	const node = "declare const process: { env: Record<string, string | undefined> };\n"
	var names string
	for i, source := range blocks(t, "javascript.md", "js") {
		name := fmt.Sprintf("page%d.mts", i)
		write(t, filepath.Join(c.dir, name), node+source)
		names += " " + name
	}
	compiler, err := filepath.Abs("typescript/node_modules/.bin/tsc")
	if err != nil {
		t.Fatal(err)
	}
	c.run(t, compiler+" --noEmit --skipLibCheck --strict --exactOptionalPropertyTypes --module nodenext --target es2022 --lib es2022,dom,dom.iterable"+names)
}
