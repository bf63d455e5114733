package cmd_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/agents/echo"
	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/channels/callback"
	"github.com/manyvox/manyvox/cmd"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/postgres"
	"github.com/manyvox/manyvox/service/journal/sqlite"
)

const (
	// childDir names the variable with the directory of the process to be killed.
	childDir = "MANYVOX_CRASH_DIR"
	// crashRounds names the variable with the number of kills.
	crashRounds = "MANYVOX_CRASH_ROUNDS"

	// writers is how many write at once, each in a conversation of its own.
	writers = 8
	// refuseEvery is how often the target is out of order.
	refuseEvery = 200
	// private begins every text. No log line may hold it.
	private = "§"
)

// runChild is the program in a child process. It prints its address once it listens, and
// ends when its standard input does.
func runChild(dir string) int {
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		cancel()
	}()
	p := cmd.Program{
		Channels: []channels.Type{callback.Type(), liveType(), smsType()}, Agents: childAgents(), Stores: []journal.Type{sqlite.Type(), postgres.Type()},
		Stdout: os.Stdout, Stderr: os.Stderr, Listening: func(a net.Addr) { fmt.Println(a) },
	}
	return p.Run(ctx, []string{
		"run", "--interface", "127.0.0.1", "--port", "0", "--data-dir", filepath.Join(dir, "data"),
		"--credentials", filepath.Join(dir, "credentials.yml"), "--endpoints", filepath.Join(dir, "endpoints.yml"),
	})
}

// childAgents are the types of agents that a child knows.
func childAgents() []agents.Type {
	return []agents.Type{echo.Type(), wordsType(), menuType(), readerType()}
}

// childProcess is a child process and what the test knows of it.
type childProcess struct {
	*exec.Cmd
	addr   string
	stdin  io.Closer
	log    *syncBuffer
	number int
}

// startChild starts a child and returns when it listens. The child sends its number with
// every reply, since the time at which a reply arrives does not show who sent it.
func startChild(t *testing.T, dir string, number int) *childProcess {
	t.Helper()
	p := &childProcess{Cmd: exec.Command(os.Args[0]), log: &syncBuffer{}, number: number}
	p.Env, p.Stderr = append(os.Environ(), childDir+"="+dir, "CHILD="+strconv.Itoa(number)), p.log
	in, err := p.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.stdin = in
	out, err := p.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	p.addr, err = bufio.NewReader(out).ReadString('\n')
	if p.addr = strings.TrimSpace(p.addr); err != nil {
		_ = p.Wait()
		t.Fatalf("it does not listen: %v\n%s", err, p.log)
	}
	t.Cleanup(func() { _ = p.Process.Kill() }) // unless it has ended
	return p
}

// TestCrash kills the program at work, again and again with the same data. Whatever
// was acknowledged is answered, in order, and twice only what was on its way.
func TestCrash(t *testing.T) {
	t.Parallel()
	for name, open := range storeBlocks() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			crash(t, open(t))
		})
	}
}

func crash(t *testing.T, v storeBlock) {
	t.Helper()
	rounds := 5
	if n, err := strconv.Atoi(os.Getenv(crashRounds)); err == nil {
		rounds = n
	} else if testing.Short() {
		rounds = 1
	}
	g := &target{replies: map[string][]receivedReply{}, restarted: make(chan struct{}), grown: make(chan struct{})}
	server := httptest.NewServer(g)
	defer server.Close()
	dir := files(t, map[string]string{"credentials.yml": "callback: {url: \"" + server.URL + "\", headers: {X-Child: \"${CHILD}\"}}\n", "endpoints.yml": v.endpoints})
	p := startChild(t, dir, 1)
	g.setChild(p)

	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: writers}}
	defer client.CloseIdleConnections()
	done := make(chan struct{})
	written := make([]int, writers)
	var posting sync.WaitGroup
	for i := range writers {
		posting.Go(func() { written[i] = g.write(t, client, strconv.Itoa(i), done) })
	}
	for range rounds {
		p = g.killAndRestart(t, dir, p)
	}
	close(done)
	posting.Wait()
	for i, n := range written {
		g.verify(t, strconv.Itoa(i), n)
	}
	t.Logf("messages of each writer: %v", written)
	finish(t, v.open, dir, p, rounds)
}

// killAndRestart kills a child at a random moment and returns the next.
func (g *target) killAndRestart(t *testing.T, dir string, p *childProcess) *childProcess {
	t.Helper()
	killed := time.AfterFunc(200*time.Millisecond+rand.N(600*time.Millisecond), func() { _ = p.Process.Kill() })
	defer killed.Stop()
	if err := p.Wait(); err == nil || p.ProcessState.Exited() {
		t.Fatalf("it ends with %v, want it to be killed:\n%s", err, p.log)
	}
	p = startChild(t, dir, p.number+1)
	g.setChild(p)
	return p
}

// finish ends the last child gracefully. Then nothing may be left in inbox and outbox.
func finish(t *testing.T, open func(*testing.T, string) journal.Journal, dir string, p *childProcess, kills int) {
	t.Helper()
	p.stdin.Close()
	if err := p.Wait(); err != nil {
		t.Errorf("it ends with %v:\n%s", err, p.log)
	}
	if strings.Contains(p.log.String(), private) {
		t.Errorf("the log holds a message:\n%s", p.log)
	}
	store := open(t, dir)
	defer store.Close()
	if d, err := store.Depth(t.Context()); err != nil || d.Inbox+d.Outbox > 0 {
		t.Errorf("%+v, %v is left", d, err)
	}
	letters, err := store.DeadLetters(t.Context(), "", 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	// A kill between a reply and the end of its turn leaves the turn interrupted.
	if most := kills * writers; len(letters) > most {
		t.Errorf("%d dead letters, more than %d turns that can have been cut", len(letters), most)
	}
	for _, d := range letters {
		if d.Kind != string(journal.OutcomeInterrupted) {
			t.Errorf("dead letter: %s, %s", d.Kind, d.Reason)
		}
	}
}
