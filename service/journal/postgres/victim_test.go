//go:build unix

package postgres_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/postgres"
)

const (
	// victimURL names the variable with the database of a process that is another
	// replica, victimRole that with what it does there, victimWho that with its number.
	victimURL  = "MANYVOX_CRASH_URL"
	victimRole = "MANYVOX_CRASH_ROLE"
	victimWho  = "MANYVOX_CRASH_WHO"

	// patience is how long a victim may take for anything.
	patience = time.Minute
)

// brief are options with a short lease, so that a test need not wait long.
func brief() postgres.Options {
	return postgres.Options{
		Retention: -1, Lease: 900 * time.Millisecond, Poll: 100 * time.Millisecond, Patience: 2 * time.Second,
		Stale: time.Millisecond,
	}
}

// steady are options for replicas that must not lose their lease on a busy machine.
func steady() postgres.Options {
	o := brief()
	o.Lease = 3 * time.Second
	return o
}

// victim does what a process is told that a test has started.
func victim(url, role string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 2*patience)
	defer cancel()
	does, options := doze, brief()
	if role == "worker" {
		does, options = labour, steady()
	}
	s, err := postgres.Open(ctx, url, options)
	if err != nil {
		return err
	}
	return does(ctx, s)
}

// labour is a worker until its input ends; it leaves when nothing is left to do.
func labour(ctx context.Context, s *postgres.Store) error {
	who := int(idOf(os.Getenv(victimWho)))
	w := &worker{who: who, store: s, say: func(r record) { fmt.Println(r) }}
	posting, end := context.WithCancel(ctx)
	working, stop := context.WithCancel(ctx)
	go func() {
		io.Copy(io.Discard, os.Stdin) // it ends
		end()
		w.emptied(ctx)
		stop()
	}()
	w.work(working, posting)
	return s.Close()
}

// doze claims a message, and settles it when it is told to.
func doze(ctx context.Context, s *postgres.Store) error {
	turn, err := s.Next(ctx)
	if err != nil {
		return err
	}
	fmt.Println("claimed", turn.Message.ID)
	if _, err := bufio.NewReader(os.Stdin).ReadString('\n'); err != nil {
		return err
	}
	err = s.Settle(ctx, turn.Claim, journal.Step{End: done()})
	fmt.Println("fenced", errors.Is(err, journal.ErrFenced), err)
	return s.Close()
}

// process is a victim.
type process struct {
	*exec.Cmd
	in   io.WriteCloser
	out  *bufio.Scanner
	gone chan struct{}
}

// start starts a victim, killed with the test at the latest.
func start(t *testing.T, url, role string, who int) *process {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), victimURL+"="+url, victimRole+"="+role, fmt.Sprint(victimWho, "=", who))
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p := &process{Cmd: cmd, in: in, out: bufio.NewScanner(out), gone: make(chan struct{})}
	t.Cleanup(func() {
		p.Process.Kill() // it may be gone
		p.Wait()         // it may be gone
	})
	return p
}

// listen adds what the victim says to the protocol.
func (p *process) listen(t *testing.T, to *protocol, begun chan<- struct{}) {
	defer close(p.gone)
	for first := true; p.out.Scan(); first = false {
		r, err := parseRecord(p.out.Text())
		if err != nil {
			t.Logf("a victim says %q", p.out.Text())
			continue
		}
		to.add(r)
		if first {
			begun <- struct{}{}
		}
	}
}

// hear returns the next line the victim says.
func (p *process) hear(t *testing.T) string {
	t.Helper()
	killer := time.AfterFunc(patience, func() { p.Process.Kill() })
	defer killer.Stop()
	if !p.out.Scan() {
		t.Fatal("the victim says nothing")
	}
	return p.out.Text()
}
