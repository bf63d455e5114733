package socketio_test

import (
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/agents/echo"
	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/channels/socketio"
	"github.com/manyvox/manyvox/cmd"
	"github.com/manyvox/manyvox/service/journal"
	stores "github.com/manyvox/manyvox/service/journal/builtin"
	"github.com/manyvox/manyvox/service/journal/memory"
)

const persistentBlock = "  session_persistence: true\n  session_secret: 0123456789abcdef0123456789abcdef\n  on_failure: Sorry, I lost my thread.\n"

// TestRestart stops the program in the middle of a reply and starts another at the same
// address. The client, which sees nothing but the lost connection, gets the rest, or the
// text of on_failure, and goes on.
func TestRestart(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		grace time.Duration
		// late ends the turn only after the program has begun to stop.
		late bool
		then string
	}{
		{"the turn ends in time", time.Minute, true, `{"text":"two"}`},
		{"the turn is cut", 200 * time.Millisecond, false, `{"text":"Sorry, I lost my thread."}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			eachClient(t, func(t *testing.T, client string) {
				store := memory.Open()
				t.Cleanup(func() { store.Close() })
				release := make(chan struct{})
				p := run(t, programOptions{block: persistentBlock, journal: store, grace: c.grace, agent: agents.Func(func(ctx context.Context, _ agents.Turn, r channels.Replier) error {
					if err := r.Reply(ctx, channels.Reply{Text: "one"}); err != nil {
						return err
					}
					select {
					case <-release:
						return r.Reply(ctx, channels.Reply{Text: "two"})
					case <-ctx.Done():
						return ctx.Err()
					}
				})})
				tk := startTalk(t, talkOptions{Client: client, URL: p.url, Say: []string{"go on"}})
				tk.readReplies(1)
				if c.late {
					go func() { tk.readUntil("disconnect"); close(release) }()
				}
				p.stop()
				run(t, programOptions{block: persistentBlock, journal: store, addr: p.addr})
				if got := tk.readUntil("session"); got != "kept" {
					t.Errorf("after the restart: session %s", got)
				}
				tk.readReplies(1)
				tk.command("say hello again")
				want := []string{`{"text":"one"}`, c.then, `{"text":"hello again"}`}
				if diff := cmp.Diff(want, tk.readReplies(1)); diff != "" {
					t.Errorf("-want +got:\n%s", diff)
				}
			})
		})
	}
}

// childDir names the environment variable that makes the test's binary a program to be
// killed. Its value is the program's directory.
const childDir = "MANYVOX_SOCKETIO_CHILD_DIR"

// runChild is the program in a child process.
func runChild(dir string) int {
	p := cmd.Program{
		Channels: []channels.Type{socketio.Type()}, Agents: []agents.Type{echo.Type()}, Stores: stores.Types(),
		Stdout: os.Stdout, Stderr: os.Stderr,
	}
	return p.Run(context.Background(), []string{
		"run", "--interface", "127.0.0.1", "--port", os.Getenv("PORT"), "--data-dir", dir,
		"--credentials", filepath.Join(dir, "credentials.yml"), "--endpoints", filepath.Join(dir, "endpoints.yml"),
	})
}

// TestKill kills the program while an acknowledged message is being answered. The next
// program answers it, to the client that has come back by itself.
func TestKill(t *testing.T) {
	t.Parallel()
	eachClient(t, func(t *testing.T, client string) {
		dir, port := t.TempDir(), freePort(t)
		for name, text := range map[string]string{"credentials.yml": "socketio:\n" + persistentBlock, "endpoints.yml": "agent: {type: echo}\n"} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		first := startChild(t, dir, port)
		tk := startTalk(t, talkOptions{Client: client, URL: "http://127.0.0.1:" + port, Say: []string{"hello", "/slow 1"}})
		tk.readUntil("ack")
		tk.readReplies(1)
		tk.readUntil("ack")
		if err := first.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		tk.readUntil("disconnect")
		startChild(t, dir, port)
		if got := tk.readUntil("session"); got != "kept" {
			t.Errorf("after the kill: session %s", got)
		}
		tk.readUntil(`bot {"text":"That took 1 s."}`)
		tk.command("say hello again")
		want := []string{`{"text":"hello"}`, `{"text":"That took 1 s."}`, `{"text":"hello again"}`}
		// A reply may come twice that was sent when the program was killed.
		if diff := cmp.Diff(want, slices.Compact(tk.readReplies(1))); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	})
}

func startChild(t *testing.T, dir, port string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.CommandContext(context.WithoutCancel(t.Context()), self)
	c.Env = append(os.Environ(), childDir+"="+dir, "PORT="+port)
	c.Stdout, c.Stderr = t.Output(), t.Output()
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		c.Process.Kill()
		c.Wait() // says how it was killed
	})
	return c
}

// freePort returns a port that two programs can have one after the other.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// countingJournal counts the calls of Wake, and sends to paused when a part is put back
// for longer than the first retry.
type countingJournal struct {
	journal.Journal
	woken  atomic.Int32
	paused chan struct{}
}

func (c *countingJournal) SettlePart(ctx context.Context, claim journal.Claim, o journal.PartOutcome) error {
	err := c.Journal.SettlePart(ctx, claim, o)
	if time.Until(o.Retry) > 1500*time.Millisecond {
		c.paused <- struct{}{}
	}
	return err
}

func (c *countingJournal) Wake(ctx context.Context, who channels.Conversation) error {
	c.woken.Add(1)
	return c.Journal.Wake(ctx, who)
}

// TestReturn has a client leave before its reply comes. The reply waits, without attempts
// that count, and is sent at once when the client is back, not when its pause is over.
func TestReturn(t *testing.T) {
	t.Parallel()
	store := &countingJournal{Journal: memory.Open(), paused: make(chan struct{}, 100)}
	t.Cleanup(func() { store.Close() })
	release, asked := make(chan struct{}), make(chan struct{}, 2)
	p := run(t, programOptions{block: persistentBlock, journal: store, agent: agents.Func(func(ctx context.Context, turn agents.Turn, r channels.Replier) error {
		asked <- struct{}{}
		<-release
		return r.Reply(ctx, channels.Reply{Text: turn.Message.Text})
	})})
	h := &harness{url: p.url + "/socket.io/"}
	first := h.dial(t, "")
	first.connect()
	id := first.session("null")
	first.send(`42["user_uttered",{"message":"hello","session_id":"` + id + `"}]`)
	<-asked
	first.ws.CloseNow()
	for p.channel.Senders() > 0 { // until the server has noticed
		time.Sleep(time.Millisecond)
	}
	close(release)
	<-store.paused
	woken := store.woken.Load()
	second := h.dial(t, "")
	second.connect()
	if got := second.confirmed(`{"session_id":"` + id + `"}`); got != id {
		t.Fatalf("confirmed %q, want %q", got, id)
	}
	second.wants(`42["bot_uttered",{"text":"hello"}]`)
	if got := store.woken.Load() - woken; got != 1 {
		t.Errorf("%d wakings", got)
	}
}
