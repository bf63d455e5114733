package manyvox_test

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// edges is how many edges of the first hour there are: faults that new users and operators
// found, each of which is kept from coming back by tests.
const edges = 21

// openEdges are those without a test, by number. One that gets its test is taken out.
var openEdges = []int{}

// edgeTest is the name of a test of an edge, in Go and in the page's suite. The number is in the
// first group or the second.
var edgeTest = regexp.MustCompile(`(?m)^func TestEdge08_(\d\d)\w*\(|\b(?:test|it)\(\s*["'` + "`" + `]Edge08_(\d\d)\b`)

// TestEdgesAreTested lists the edges without a test, and the open ones that have one.
func TestEdgesAreTested(t *testing.T) {
	t.Parallel()
	tested := map[string]bool{}
	err := filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (name != "." && strings.HasPrefix(d.Name(), ".") || d.Name() == "node_modules" || d.Name() == "dist"):
			return fs.SkipDir
		case strings.HasSuffix(name, "_test.go"), strings.HasSuffix(name, "_test.ts"), strings.HasSuffix(name, ".test.ts"), strings.HasSuffix(name, ".test.tsx"), strings.HasSuffix(name, ".test.mjs"):
			for _, found := range edgeTest.FindAllStringSubmatch(read(t, name), -1) {
				tested[found[1]+found[2]] = true
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for n := 1; n <= edges; n++ {
		number := fmt.Sprintf("%02d", n)
		switch open := slices.Contains(openEdges, n); {
		case !open && !tested[number]:
			t.Errorf("no test is named TestEdge08_%s..., or \"Edge08_%s ...\" in the page's suite", number, number)
		case open && tested[number]:
			t.Errorf("edge %s has a test now: take it out of openEdges", number)
		}
	}
}

// machineWith makes a PATH of the programs alone that are named.
func machineWith(t *testing.T, programs ...string) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range programs {
		path, err := exec.LookPath(name)
		if err != nil {
			t.Skip(err)
		}
		if err := os.Symlink(path, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	return "PATH=" + dir
}

// TestEdge08_02_SaysWhatIsMissing: on a machine that lacks something, the end of `make test` says
// in one line what did not run, and `make check` names what it needs.
func TestEdge08_02_SaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		command, want string
		fails         bool
	}{
		{".ci/missing", "Not run, since something is missing: the page, TypeScript and Socket.IO's own clients (Node.js with npm)", false},
		{"make check", "make check needs node\n", true},
	} {
		command := exec.CommandContext(t.Context(), "bash", "-c", command(c.command))
		command.Env = append(os.Environ(), machineWith(t, "bash", "dirname", "make", "git", "awk", "go"))
		out, err := command.CombinedOutput()
		if (err != nil) != c.fails || !strings.Contains(string(out), c.want) {
			t.Errorf("%s: %v, want %q in\n%s", c.command, err, c.want, out)
		}
		if !c.fails && strings.Count(string(out), "\n") != 1 {
			t.Errorf("%s says more than a line:\n%s", c.command, out)
		}
	}
}

// command has bash replace itself, so that nothing is left when the test ends.
func command(c string) string { return "exec " + c }

// TestEdge08_02_RunsWhatReadmeSays: CI runs what README says that it runs.
func TestEdge08_02_RunsWhatReadmeSays(t *testing.T) {
	t.Parallel()
	const says = "What a change needs to pass is `make check` and\n`make test`. CI runs them, and `.ci/newcomer`,"
	if !strings.Contains(read(t, "README.md"), says) {
		t.Errorf("README.md does not say %q", says)
	}
	for _, target := range []string{"make check", ".ci/newcomer", "make test"} {
		if !strings.Contains(read(t, ".ci/run"), "\n"+target+"\n") {
			t.Errorf(".ci/run does not run %s", target)
		}
	}
}
