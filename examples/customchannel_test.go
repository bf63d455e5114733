// Package examples_test runs the tests of the examples that are modules of their own.
package examples_test

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strings"
	"testing"
)

// TestCustomChannel vets and tests the module in customchannel, which knows this one as any other
// module would: by its exported names. It downloads nothing.
func TestCustomChannel(t *testing.T) {
	t.Parallel()
	watchSources(t)
	run := func(args ...string) string {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), "go", args...)
		cmd.Dir = "customchannel"
		cmd.Env = append(os.Environ(), "GOPROXY=off", "GOWORK=off", "GOTOOLCHAIN=local")
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("go %s: %v (after a change of go.mod run \"make generate\")\n%s", strings.Join(args, " "), err, out)
		}
		return string(out)
	}
	run("vet", "./...")
	out := run(append([]string{"test", "-v", "-timeout", "5m"}, append(race(), "./...")...)...)
	for _, name := range []string{"TestMyIOContract", "TestTextlineContract", "TestTextlineInbound", "TestTextlineOutbound", "TestPageFromAnEmptyFolder"} {
		if !strings.Contains(out, "--- PASS: "+name+" ") {
			t.Errorf("%s did not run:\n%s", name, out)
		}
	}
}

// watchSources looks at each source of both modules. "go test" then runs this test again when one
// has changed: it does not see what the commands read.
func watchSources(t *testing.T) {
	t.Helper()
	err := filepath.WalkDir("..", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "node_modules" || name != ".." && strings.HasPrefix(d.Name(), ".")):
			return fs.SkipDir
		case strings.HasSuffix(name, ".go"), strings.HasSuffix(name, ".mod"), d.Name() == "write-a-channel.md", d.Name() == "credentials.yml":
			_, err = os.Stat(name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// race returns -race when this test was built with it.
func race() []string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return nil
	}
	for _, s := range info.Settings {
		if s.Key == "-race" && s.Value == "true" {
			return []string{"-race"}
		}
	}
	return nil
}
