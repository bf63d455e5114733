//go:build unix

package exec_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"go.uber.org/goleak"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/agents/agenttest"
	"github.com/manyvox/manyvox/agents/exec"
	"github.com/manyvox/manyvox/channels"
)

// TestMain is also the program that the agent runs in some tests: a puppet, which does what it
// is told over a socket.
func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == "puppet" {
		dance(os.Args[2])
		return
	}
	goleak.VerifyTestMain(m)
}

// order is what a puppet is told: to write so many bytes, which follow, to exit, or to kill
// itself.
type order struct {
	Out  int
	Exit *int
	Kill bool
}

// dance reads a line, hands it over and does what it is told then.
func dance(socket string) {
	conn, err := net.Dial("unix", socket)
	if err != nil {
		panic(err)
	}
	line, _ := bufio.NewReader(os.Stdin).ReadBytes('\n')
	_, _ = conn.Write(line)
	for b := bufio.NewReader(conn); ; {
		var o order
		line, err := b.ReadBytes('\n')
		if err := errors.Join(err, json.Unmarshal(line, &o)); err != nil {
			panic(err)
		}
		switch {
		case o.Kill:
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		case o.Exit != nil:
			os.Exit(*o.Exit)
		default:
			_, _ = io.CopyN(os.Stdout, b, int64(o.Out))
		}
	}
}

// puppet is a turn of a puppet.
type puppet struct {
	ctx   context.Context
	conn  net.Conn
	input []byte
	keep  bool
}

// listen has a stage answer the turns of puppets, and returns their socket.
func listen(t *testing.T, s agenttest.Stage, keep bool) (socket string) {
	socket = filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	t.Cleanup(func() { _ = l.Close(); <-done })
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			perform(conn, s, keep)
		}
	}()
	return socket
}

// perform answers one turn. The puppet's end is the end of its connection.
func perform(conn net.Conn, s agenttest.Stage, keep bool) {
	defer conn.Close()
	b := bufio.NewReader(conn)
	line, err := b.ReadBytes('\n')
	if err != nil {
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		_, _ = b.ReadByte()
		cancel()
	}()
	s.Answer(&puppet{ctx, conn, line, keep})
	if keep { // it waits for the next turn
		<-ctx.Done()
	}
}

// tell gives an order. A puppet that is dead hears nothing.
func (p *puppet) tell(o order, text string) {
	line, _ := json.Marshal(o)
	_, _ = p.conn.Write(append(line, '\n'))
	_, _ = io.WriteString(p.conn, text)
}

func (p *puppet) object(key, text string) {
	line, _ := channels.Marshal(map[string]string{key: text})
	p.Raw(string(line) + "\n")
}

func (p *puppet) exit(status int) { p.tell(order{Exit: &status}, "") }

func (p *puppet) Context() context.Context { return p.ctx }
func (p *puppet) Request() string          { return string(p.input) }
func (p *puppet) Delta(text string)        { p.object("delta", text) }
func (p *puppet) Reply(text string)        { p.object("text", text) }
func (p *puppet) Custom(text string)       { p.Raw(`{"custom":` + text + "}\n") }
func (p *puppet) Raw(text string)          { p.tell(order{Out: len(text)}, text) }
func (p *puppet) Cut()                     { p.tell(order{Kill: true}, "") }

func (p *puppet) Attempt() int {
	var in struct{ Attempt int }
	_ = json.Unmarshal(p.input, &in)
	return in.Attempt
}

func (p *puppet) Refuse(status, _ int) {
	const tooMany, unavailable, tempfail = 429, 503, 75
	if status == tooMany || status == unavailable {
		p.exit(tempfail)
		return
	}
	p.exit(1)
}

func (p *puppet) End() {
	if p.keep {
		p.Raw("\n")
		return
	}
	p.exit(0)
}

// peer is a program for a turn, or one that is kept.
func peer(keep bool) agenttest.Peer {
	return agenttest.Peer{NoRetryAfter: true, Open: func(t *testing.T, s agenttest.Stage) agents.Agent {
		c := exec.Type().New().(*exec.Config)
		c.Keep = keep
		if s.Answer == nil {
			gone := script(t, "exit 0")
			c.Command = []string{gone}
			defer os.Remove(gone)
		} else {
			c.Command = []string{os.Args[0], "puppet", listen(t, s, keep)}
		}
		return open(t, c, s.Log)
	}}
}

var _ agenttest.Exchange = (*puppet)(nil)
