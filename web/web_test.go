// Package web_test opens the chat page in Chromium, served by the program with a fake
// agent.
package web_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/manyvox/manyvox/agents"
	channels "github.com/manyvox/manyvox/channels/builtin"
	"github.com/manyvox/manyvox/cmd"
	journals "github.com/manyvox/manyvox/service/journal/builtin"
)

// childDir names the environment variable that makes the test's binary a program for a
// browser test to start and kill. Its value is the program's directory.
const childDir = "MANYVOX_CHILD_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		os.Exit(runChild(dir))
	}
	os.Exit(m.Run())
}

// runChild is the program in a child process, or with the argument fake the fake platform of a
// channel. It prints its address once it listens, and ends when its standard input does.
func runChild(dir string) int {
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		cancel()
	}()
	p := cmd.Program{
		Channels: channels.Types(), Agents: []agents.Type{fakeAgentType()}, Stores: journals.Types(),
		Stdout: os.Stdout, Stderr: os.Stderr, Listening: func(a net.Addr) { fmt.Println(a) },
	}
	if len(os.Args) > 1 && os.Args[1] == "fake" {
		return p.Run(ctx, os.Args[1:])
	}
	return p.Run(ctx, append([]string{
		"run", "--interface", "127.0.0.1", "--data-dir", filepath.Join(dir, "data"),
		"--credentials", filepath.Join(dir, "credentials.yml"), "--endpoints", filepath.Join(dir, "endpoints.yml"),
	}, os.Args[1:]...))
}

// TestBrowser runs the files of test/, one after the other: a browser takes a core.
func TestBrowser(t *testing.T) {
	t.Parallel()
	need(t, "chromium", "node")
	chromium, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("test/*.test.mjs")
	if err != nil || len(files) == 0 {
		t.Fatalf("no test/*.test.mjs: %v", err)
	}
	for _, file := range files { //nolint:paralleltest // see above
		t.Run(strings.TrimSuffix(filepath.Base(file), ".test.mjs"), func(t *testing.T) {
			node := exec.CommandContext(t.Context(), "node", "--test", "--test-reporter=spec", file)
			node.Env = append(os.Environ(), "MANYVOX_CHILD="+os.Args[0], "CHROMIUM="+chromium)
			out, err := node.CombinedOutput()
			if err != nil {
				t.Errorf("%v\n%s", err, out)
			} else {
				t.Logf("%s", out)
			}
		})
	}
}

func TestUnits(t *testing.T) {
	t.Parallel()
	need(t, "node")
	run(t, "npm", "run", "--silent", "unit")
}

func TestTypecheck(t *testing.T) {
	t.Parallel()
	need(t, "node")
	run(t, "npm", "run", "--silent", "typecheck")
}

func run(t *testing.T, name string, args ...string) {
	t.Helper()
	if out, err := exec.CommandContext(t.Context(), name, args...).CombinedOutput(); err != nil {
		t.Errorf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
}

// need skips a test that cannot run here. In CI nothing may be missing.
func need(t *testing.T, programs ...string) {
	t.Helper()
	missing := ""
	for _, program := range programs {
		if _, err := exec.LookPath(program); err != nil {
			missing = "no " + program + " on this machine"
		}
	}
	if _, err := os.Stat("node_modules/.bin/esbuild"); err != nil {
		missing = "no node_modules: run npm ci in web"
	}
	switch {
	case missing != "" && os.Getenv("CI") == "true":
		t.Fatal(missing)
	case missing != "":
		t.Skip(missing)
	}
	for _, dir := range []string{".", "src", "test"} { // so that go test runs again when a source changes
		if _, err := os.ReadDir(dir); err != nil {
			t.Fatal(err)
		}
	}
}
