package main

import (
	"bytes"
	"context"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	agents "github.com/manyvox/manyvox/agents/builtin"
	channels "github.com/manyvox/manyvox/channels/builtin"
	"github.com/manyvox/manyvox/cmd"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/memory"
)

func TestRun(t *testing.T) {
	t.Parallel()
	url := serve(t)
	for _, tt := range []struct {
		name string
		args []string
		want string
		err  string
	}{
		{
			name: "one message", args: []string{"-token", "open-sesame"},
			want: "channel rest can receive, rpc, token\nreply: hello\nreply 1: hello\n",
		},
		{
			name: "pieces", args: []string{"-token", "open-sesame", "/stream", "2"},
			want: "channel rest can receive, rpc, token\nreply: piece 1 piece 2\n" +
				"delta 1: piece 1\ndelta 1:  piece 2\nreply 1: piece 1 piece 2\n",
		},
		{
			name: "a wrong token", args: []string{"-token", "let-me-in"},
			want: "channel rest can receive, rpc, token\n", err: "unauthenticated",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			err := run(t.Context(), append([]string{"-url", url}, tt.args...), &out)
			if diff := cmp.Diff(tt.want, out.String()); diff != "" {
				t.Errorf("output (-want +got):\n%s", diff)
			}
			if (err != nil) != (tt.err != "") || err != nil && !strings.Contains(err.Error(), tt.err) {
				t.Errorf("error %v, want %q", err, tt.err)
			}
		})
	}
}

// serve runs Manyvox with the echo agent until the test ends.
func serve(t *testing.T) (url string) {
	t.Helper()
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	args := []string{
		"run", "--port", "0", "--interface", "127.0.0.1", "--data-dir", dir,
		"--credentials", write("credentials.yml", "rest: {token: open-sesame}"),
		"--endpoints", write("endpoints.yml", "agent: {type: echo, pause: 1ms}"),
	}
	var log bytes.Buffer
	listening := make(chan net.Addr, 1)
	p := cmd.Program{
		Channels: channels.Types(), Agents: agents.Types(), Stores: []journal.Type{memory.Type()}, Stdout: &log, Stderr: &log,
		Listening: func(a net.Addr) { listening <- a },
	}
	ctx, stop := context.WithCancel(context.Background())
	exited := make(chan int, 1)
	go func() { exited <- p.Run(ctx, args) }()
	t.Cleanup(func() {
		stop()
		if code := <-exited; code != cmd.ExitOK {
			t.Errorf("manyvox exits with %d:\n%s", code, &log)
		}
	})
	select {
	case a := <-listening:
		return "http://" + a.String()
	case code := <-exited:
		exited <- code
		t.Fatal("manyvox does not start")
	}
	return ""
}
