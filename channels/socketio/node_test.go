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

// The published clients of which each conversation is held.
var publishedClients = []string{"socket.io-client", "socket.io-client-3"}

// wish is what talk.mjs is asked for.
type wish struct {
	Client   string         `json:"client"`
	URL      string         `json:"url"`
	Options  map[string]any `json:"options,omitempty"`
	Session  string         `json:"session,omitempty"`
	Metadata any            `json:"metadata,omitempty"`
	Say      []string       `json:"say"`
}

// talker is a script under way.
type talker struct {
	t     *testing.T
	in    io.WriteCloser
	lines chan string
	said  []string
	err   *console
}

// console is what a script complains to, and can be read while it does.
type console struct {
	mu   sync.Mutex
	text strings.Builder
}

func (c *console) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.text.Write(p)
}

func (c *console) String() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.text.String()
}

// talk starts a conversation by talk.mjs.
func talk(t *testing.T, w wish) *talker {
	t.Helper()
	if w.Say == nil {
		w.Say = []string{}
	}
	arg, err := json.Marshal(w)
	if err != nil {
		t.Fatal(err)
	}
	return script(t, "talk.mjs", string(arg))
}

// script starts a script, which ends when its standard input does.
func script(t *testing.T, args ...string) *talker {
	t.Helper()
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), "node", args...) // the end of its input ends it
	cmd.Dir = "clients"
	tk := &talker{t: t, lines: make(chan string, 1000), err: &console{}}
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
		case <-time.After(patience):
			cmd.Process.Kill()
			<-ended
		}
		if err := cmd.Wait(); err != nil {
			t.Errorf("%v: %v\n%s", args, err, tk.err)
		}
	})
	return tk
}

// order tells the script to do something.
func (tk *talker) order(format string, args ...any) {
	tk.t.Helper()
	if _, err := fmt.Fprintf(tk.in, format+"\n", args...); err != nil {
		tk.t.Fatal(err)
	}
}

// until reads lines up to one that begins so, and returns what follows.
func (tk *talker) until(prefix string) string {
	tk.t.Helper()
	return tk.within(2*patience, prefix)
}

func (tk *talker) within(most time.Duration, prefix string) string {
	tk.t.Helper()
	timeout := time.After(most)
	for {
		select {
		case line, ok := <-tk.lines:
			if !ok {
				tk.t.Fatalf("the script ends without %q: %q\n%s", prefix, tk.said, tk.err)
			}
			tk.said = append(tk.said, line)
			if rest, found := strings.CutPrefix(line, prefix); found {
				return strings.TrimPrefix(rest, " ")
			}
		case <-timeout:
			tk.t.Fatalf("no %q: %q\n%s", prefix, tk.said, tk.err)
		}
	}
}

// heard reads n replies and returns all that there were so far.
func (tk *talker) heard(n int) (replies []string) {
	tk.t.Helper()
	for range n {
		tk.until("bot")
	}
	for _, line := range tk.said {
		if rest, found := strings.CutPrefix(line, "bot "); found {
			replies = append(replies, rest)
		}
	}
	return replies
}
