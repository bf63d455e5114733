//go:build unix

package cmd_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/channels/callback"
	"github.com/manyvox/manyvox/channels/rest"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/sqlite"
)

// sqliteProgram is a program with the default store and a channel that acknowledges.
func sqliteProgram() *program {
	p := newProgram()
	p.Stores = []journal.Type{sqlite.Type()}
	p.Channels = []channels.Type{callback.Type(), rest.Type()}
	return p
}

// TestEdge08_11_Restore copies the journal of a program that runs and has replies waiting,
// restores it by the commands of docs/recovery.md, and starts again: what waited is delivered.
func TestEdge08_11_Restore(t *testing.T) {
	t.Parallel()
	down := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }))
	t.Cleanup(down.Close)
	target := &target{replies: map[string][]receivedReply{}, restarted: make(chan struct{}), grown: make(chan struct{})}
	up := httptest.NewServer(target)
	t.Cleanup(up.Close)

	dir := t.TempDir()
	before := sqliteProgram().start(t, localFlags(t, "callback: {url: \""+down.URL+"\"}\nrest:\n", echoes, "--data-dir", filepath.Join(dir, ".manyvox"))...)
	const messages = 20
	for i := range messages {
		body := fmt.Sprintf(`{"sender":"ann","message":"%s%d","message_id":"m%d"}`, private, i+1, i+1)
		res, err := before.http.Post("http://"+before.addr+"/webhooks/callback/webhook", "application/json", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
	}
	_, answer := before.post("", `{"sender":"bob","message":"hi","message_id":"m1"}`)

	backup, endpoints := filepath.Join(dir, "backup.db"), write(t, "endpoints.yml", echoes)
	for _, code := range []int{0, 1} { // the file must not exist yet
		p := sqliteProgram()
		if got := p.Run(t.Context(), []string{"backup", backup, "--data-dir", filepath.Join(dir, ".manyvox"), "--endpoints", endpoints}); got != code {
			t.Fatalf("backup ends with %d: %s", got, p.err)
		}
	}
	before.end()
	restore(t, dir)

	after := sqliteProgram().start(t, localFlags(t, "callback: {url: \""+up.URL+"\"}\nrest:\n", echoes, "--data-dir", filepath.Join(dir, ".manyvox"))...)
	target.verify(t, "ann", messages)
	_, again := after.post("", `{"sender":"bob","message":"hi","message_id":"m1"}`)
	if diff := cmp.Diff(answer, again); diff != "" {
		t.Errorf("a repeat (-want +got):\n%s", diff)
	}
}

// restore runs the commands of docs/recovery.md in a directory with a backup. Their manyvox is
// this program.
func restore(t *testing.T, dir string) {
	t.Helper()
	page, err := os.ReadFile("../docs/recovery.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, found := strings.Cut(string(page), "## Restore a backup")
	_, block, fenced := strings.Cut(section, "```sh\n")
	commands, _, closed := strings.Cut(block, "```")
	if !found || !fenced || !closed {
		t.Fatal("docs/recovery.md has no commands that restore a backup")
	}
	bin := t.TempDir()
	script := fmt.Sprintf("#!/bin/sh\n%s=1 exec '%s' \"$@\"\n", signalledChild, os.Args[0])
	if err := os.WriteFile(filepath.Join(bin, "manyvox"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	c := exec.CommandContext(t.Context(), "sh", "-ec", commands)
	c.Dir, c.Env = dir, append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"))
	out, err := c.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "  callback: ") {
		t.Fatalf("%v: %s\n%s", err, commands, out)
	}
}
