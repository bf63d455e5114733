// Package typescript_test runs the TypeScript examples against a real server.
package typescript_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	agents "github.com/manyvox/manyvox/agents/builtin"
	channels "github.com/manyvox/manyvox/channels/builtin"
	"github.com/manyvox/manyvox/cmd"
	"github.com/manyvox/manyvox/cmd/cmdtest"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/memory"
)

func TestTypecheck(t *testing.T) {
	t.Parallel()
	needNode(t)
	if out, err := exec.Command("npm", "run", "typecheck").CombinedOutput(); err != nil {
		t.Errorf("npm run typecheck: %v\n%s", err, out)
	}
}

func TestHello(t *testing.T) {
	t.Parallel()
	needNode(t)
	bundle := filepath.Join(t.TempDir(), "hello.mjs")
	build := exec.Command("node_modules/.bin/esbuild", "hello.ts",
		"--bundle", "--platform=node", "--format=esm", "--log-level=warning", "--outfile="+bundle)
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("esbuild: %v\n%s", err, out)
	}
	url := serve(t)
	for _, tt := range []struct {
		name, token, message string
		want, err            string
	}{
		{
			name: "one message", token: "open-sesame", message: "hello",
			want: "channel rest can address, receive, rpc, send, token\nreply: hello\nreply 1: hello\n",
		},
		{
			name: "pieces", token: "open-sesame", message: "/stream 2",
			want: "channel rest can address, receive, rpc, send, token\nreply: piece 1 piece 2\n" +
				"delta 1: piece 1\ndelta 1:  piece 2\nreply 1: piece 1 piece 2\n",
		},
		{
			name: "a wrong token", token: "let-me-in", message: "hello",
			want: "channel rest can address, receive, rpc, send, token\n", err: "unauthenticated",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var stdout, stderr bytes.Buffer
			hello := exec.Command("node", bundle, url, tt.message)
			hello.Env = append(os.Environ(), "TOKEN="+tt.token)
			hello.Stdout, hello.Stderr = &stdout, &stderr
			err := hello.Run()
			if diff := cmp.Diff(tt.want, stdout.String()); diff != "" {
				t.Errorf("output (-want +got):\n%s", diff)
			}
			if (err != nil) != (tt.err != "") || !strings.Contains(stderr.String(), tt.err) {
				t.Errorf("%v, want %q:\n%s", err, tt.err, &stderr)
			}
		})
	}
}

// needNode skips a test that cannot run here. In CI nothing may be missing.
func needNode(t *testing.T) {
	t.Helper()
	missing := ""
	if _, err := exec.LookPath("npm"); err != nil {
		missing = "no node and npm on this machine"
	} else if _, err := os.Stat("node_modules/.bin/esbuild"); err != nil {
		missing = "no node_modules: run npm ci in examples/typescript"
	}
	switch {
	case missing != "" && os.Getenv("CI") == "true":
		t.Fatal(missing)
	case missing != "":
		t.Skip(missing)
	}
	for _, dir := range []string{".", "gen/manyvox/v1"} { // so that go test runs again when a source changes
		if _, err := os.ReadDir(dir); err != nil {
			t.Fatal(err)
		}
	}
}

// serve runs Manyvox with the echo agent until the test ends.
func serve(t *testing.T) (url string) {
	t.Helper()
	p := cmd.Program{Channels: channels.Types(), Agents: agents.Types(), Stores: []journal.Type{memory.Type()}}
	return cmdtest.Start(t, p, "rest: {token: open-sesame}", "agent: {type: echo, pause: 1ms}")
}
