package socketio_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"
)

// needNode skips a test that cannot run here. In CI nothing may be missing.
func needNode(t *testing.T, programs ...string) {
	t.Helper()
	missing := ""
	for _, program := range append([]string{"node"}, programs...) {
		if _, err := exec.LookPath(program); err != nil {
			missing = "no " + program + " on this machine"
		}
	}
	if _, err := os.Stat("clients/node_modules/socket.io-client"); err != nil && missing == "" {
		missing = "no node_modules: run npm ci in channels/socketio/clients"
	}
	switch {
	case missing != "" && os.Getenv("CI") == "true":
		t.Fatal(missing)
	case missing != "":
		t.Skip(missing)
	}
	for _, dir := range []string{"clients", "clients/pages"} { // so that go test runs again when a source changes
		if _, err := os.ReadDir(dir); err != nil {
			t.Fatal(err)
		}
	}
}

// publishedClients are the clients with which each conversation is tested.
var publishedClients = []string{"socket.io-client", "socket.io-client-3"}

// talkOptions is the argument of talk.mjs.
type talkOptions struct {
	Client   string         `json:"client"`
	URL      string         `json:"url"`
	Options  map[string]any `json:"options,omitempty"`
	Session  string         `json:"session,omitempty"`
	Metadata any            `json:"metadata,omitempty"`
	Say      []string       `json:"say"`
}

// nodeProcess is a running script.
type nodeProcess struct {
	t      *testing.T
	in     io.WriteCloser
	lines  chan string
	output []string
	err    *syncBuffer
}

// syncBuffer is a buffer that can be read while a script writes to it.
type syncBuffer struct {
	mu   sync.Mutex
	text strings.Builder
}

func (c *syncBuffer) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.text.Write(p)
}

func (c *syncBuffer) String() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.text.String()
}

// startTalk starts a conversation by startTalk.mjs.
func startTalk(t *testing.T, w talkOptions) *nodeProcess {
	t.Helper()
	if w.Say == nil {
		w.Say = []string{}
	}
	arg, err := json.Marshal(w)
	if err != nil {
		t.Fatal(err)
	}
	return startNode(t, "talk.mjs", string(arg))
}

// startNode starts a script. It ends when its standard input does.
func startNode(t *testing.T, args ...string) *nodeProcess {
	t.Helper()
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), "node", args...) // the end of its input ends it
	cmd.Dir = "clients"
	tk := &nodeProcess{t: t, lines: make(chan string, 1000), err: &syncBuffer{}}
	cmd.Stderr = tk.err
	var err error
	if tk.in, err = cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		defer close(tk.lines)
		for scanner := bufio.NewScanner(out); scanner.Scan(); {
			tk.lines <- scanner.Text()
		}
	}()
	t.Cleanup(func() {
		tk.in.Close()
		select {
		case <-ended:
		case <-time.After(waitTimeout):
			cmd.Process.Kill()
			<-ended
		}
		if err := cmd.Wait(); err != nil {
			t.Errorf("%v: %v\n%s", args, err, tk.err)
		}
	})
	return tk
}

// command writes a command to the script's standard input.
func (tk *nodeProcess) command(format string, args ...any) {
	tk.t.Helper()
	if _, err := fmt.Fprintf(tk.in, format+"\n", args...); err != nil {
		tk.t.Fatal(err)
	}
}

// readUntil reads lines up to one with the prefix, and returns the rest of that line.
func (tk *nodeProcess) readUntil(prefix string) string {
	tk.t.Helper()
	return tk.readWithin(2*waitTimeout, prefix)
}

func (tk *nodeProcess) readWithin(most time.Duration, prefix string) string {
	tk.t.Helper()
	timeout := time.After(most)
	for {
		select {
		case line, ok := <-tk.lines:
			if !ok {
				tk.t.Fatalf("the script ends without %q: %q\n%s", prefix, tk.output, tk.err)
			}
			tk.output = append(tk.output, line)
			if rest, found := strings.CutPrefix(line, prefix); found {
				return strings.TrimPrefix(rest, " ")
			}
		case <-timeout:
			tk.t.Fatalf("no %q: %q\n%s", prefix, tk.output, tk.err)
		}
	}
}

// readReplies reads n more replies and returns all so far.
func (tk *nodeProcess) readReplies(n int) (replies []string) {
	tk.t.Helper()
	for range n {
		tk.readUntil("bot")
	}
	for _, line := range tk.output {
		if rest, found := strings.CutPrefix(line, "bot "); found {
			replies = append(replies, rest)
		}
	}
	return replies
}
