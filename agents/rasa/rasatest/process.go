package rasatest

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// whileWeLive runs the module that its arguments name, as python -m does, and ends when its
// standard input does: a test that is killed, or out of time, leaves no Rasa behind.
const whileWeLive = `
import os, runpy, sys, threading
threading.Thread(target=lambda: (sys.stdin.buffer.read(), os._exit(1)), daemon=True).start()
sys.argv = sys.argv[1:]
runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
`

// process is a Python module that listens on a port and can be killed and started again
// on the same one.
type process struct {
	name  string // as a sentence begins with it
	dir   string
	env   []string
	args  func(port int) []string // the module's name and its arguments
	ready string                  // part of the line that it writes once it listens, or is about to
	port  int

	mu   sync.Mutex
	cmd  *exec.Cmd // nil while none runs
	done chan struct{}
	said []string // its last lines
}

// start starts the program on a free port and waits until it is ready. It ends with the test, and
// its last lines are shown if the test has failed.
func (p *process) start(t testing.TB, python string) {
	t.Helper()
	t.Cleanup(func() {
		p.kill()
		if t.Failed() {
			t.Logf("%s: its last lines:\n%s", p.name, p.log())
		}
	})
	for range 5 {
		p.port = freePort(t)
		if p.run(t, python) {
			return
		}
	}
	t.Fatalf("%s does not start: its last lines:\n%s", p.name, p.log())
}

// restart starts the program at its old address, after a kill if it still runs.
func (p *process) restart(t testing.TB, python string) {
	t.Helper()
	p.kill()
	if !p.run(t, python) {
		t.Fatalf("%s does not start again: its last lines:\n%s", p.name, p.log())
	}
}

// run starts the program on its port. It returns false if the program ends before it is
// ready.
func (p *process) run(t testing.TB, python string) bool {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), python, append([]string{"-c", whileWeLive}, p.args(p.port)...)...)
	cmd.Dir, cmd.Env = p.dir, p.env
	alive, err := cmd.StdinPipe() // closed when the program has ended
	if err != nil {
		t.Fatal(err)
	}
	out, in, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout, cmd.Stderr = in, in
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_ = in.Close() // the program has its own
	ready, done := make(chan bool, 1), make(chan struct{})
	go func() {
		defer close(done)
		p.read(out, ready)
		_ = cmd.Wait()
		_ = alive.Close()
		_ = out.Close()
	}()
	p.mu.Lock()
	p.cmd, p.done = cmd, done
	p.mu.Unlock()
	if !<-ready {
		return false
	}
	return p.listens(t, done)
}

// read keeps the program's last lines and tells once whether it is ready. It returns when
// the program has ended.
func (p *process) read(out io.Reader, ready chan<- bool) {
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 1<<20)
	told := false
	for lines.Scan() {
		p.mu.Lock()
		p.said = append(p.said[max(0, len(p.said)-200):], lines.Text())
		p.mu.Unlock()
		if !told && strings.Contains(lines.Text(), p.ready) {
			told = true
			ready <- true
		}
	}
	_, _ = io.Copy(io.Discard, out) // a line of over a megabyte: else the program would block
	if !told {
		ready <- false
	}
}

// listens waits until the program takes connections: it says that it is ready shortly
// before. It returns false when the program has ended.
func (p *process) listens(t testing.TB, done <-chan struct{}) bool {
	t.Helper()
	for {
		c, err := net.Dial("tcp", p.address())
		if err == nil {
			_ = c.Close()
			return true
		}
		select {
		case <-done:
			return false
		case <-t.Context().Done():
			return false
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// kill ends the program by SIGKILL and waits for its end.
func (p *process) kill() {
	p.mu.Lock()
	cmd, done := p.cmd, p.done
	p.cmd = nil
	p.mu.Unlock()
	if cmd == nil {
		return
	}
	_ = cmd.Process.Kill() // it may have ended by itself
	<-done
}

func (p *process) address() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(p.port)) }

func (p *process) log() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.Join(p.said, "\n")
}

// freePort returns a port that nobody listens on. It is below those that systems give away
// for connections and for ":0", so that it is still free once the program gets to it.
func freePort(t testing.TB) int {
	t.Helper()
	for range 100 {
		port := 20000 + rand.IntN(12000)
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err == nil {
			_ = l.Close()
			return port
		}
	}
	t.Fatal("no free port from 20000 to 32000")
	return 0
}
