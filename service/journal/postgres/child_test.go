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
	// childURL names the variable with the database of a child process, which is another
	// replica, childRole that with what it does there, childWho that with its number.
	childURL  = "MANYVOX_CRASH_URL"
	childRole = "MANYVOX_CRASH_ROLE"
	childWho  = "MANYVOX_CRASH_WHO"

	// testTimeout is how long a child process may take for anything.
	testTimeout = time.Minute
)

// shortLease are options with a short lease, so that a test need not wait long.
func shortLease() postgres.Options {
	return postgres.Options{
		Retention: -1, Lease: 900 * time.Millisecond, Poll: 100 * time.Millisecond, Timeout: 2 * time.Second,
		CountsMaxAge: time.Millisecond,
	}
}

// longLease are options for replicas that must not lose their lease on a busy machine.
func longLease() postgres.Options {
	o := shortLease()
	o.Lease = 3 * time.Second
	return o
}

// runChild is main of a child process.
func runChild(url, role string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 2*testTimeout)
	defer cancel()
	does, options := childClaimer, shortLease()
	switch role {
	case "worker":
		does, options = childWorker, longLease()
	case "sender":
		does = childSender
	case "grower":
		does = childGrower
	}
	s, err := postgres.Open(ctx, url, options)
	if err != nil {
		return err
	}
	return does(ctx, s)
}

// childWorker is a worker until its input ends; it leaves when nothing is left to do.
func childWorker(ctx context.Context, s *postgres.Store) error {
	who := int(idOf(os.Getenv(childWho)))
	w := &worker{who: who, store: s, emit: func(r record) { fmt.Println(r) }}
	posting, end := context.WithCancel(ctx)
	working, stop := context.WithCancel(ctx)
	go func() {
		io.Copy(io.Discard, os.Stdin) // it ends
		end()
		w.waitEmpty(ctx)
		stop()
	}()
	w.work(working, posting)
	return s.Close()
}

// childSender sends parts until its input ends.
func childSender(ctx context.Context, s *postgres.Store) error {
	w := &worker{who: int(idOf(os.Getenv(childWho))), store: s, emit: func(r record) { fmt.Println(r) }}
	sending, stop := context.WithCancel(ctx)
	go func() {
		io.Copy(io.Discard, os.Stdin) // it ends
		stop()
	}()
	w.send(sending)
	return s.Close()
}

// childClaimer claims a message, and settles it when a line comes in.
func childClaimer(ctx context.Context, s *postgres.Store) error {
	turn, err := s.Next(ctx)
	if err != nil {
		return err
	}
	fmt.Println("claimed", turn.Message.ID)
	if _, err := bufio.NewReader(os.Stdin).ReadString('\n'); err != nil {
		return err
	}
	err = s.Settle(ctx, turn.Claim, journal.Step{End: done()})
	for tries := 0; err != nil && !errors.Is(err, journal.ErrFenced) && tries < 10; tries++ {
		// The process may have been stopped in the middle of a transaction: then the outcome
		// is not known, and whoever settles does so again.
		err = s.Settle(ctx, turn.Claim, journal.Step{End: done()})
	}
	fmt.Println("fenced", errors.Is(err, journal.ErrFenced), err)
	return s.Close()
}

// child is a child process, seen by the test.
type child struct {
	*exec.Cmd
	in   io.WriteCloser
	out  *bufio.Scanner
	gone chan struct{}
}

// startChild starts a child process, killed with the test at the latest.
func startChild(t *testing.T, url, role string, who int) *child {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childURL+"="+url, childRole+"="+role, fmt.Sprint(childWho, "=", who))
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
	p := &child{Cmd: cmd, in: in, out: bufio.NewScanner(out), gone: make(chan struct{})}
	t.Cleanup(func() {
		p.Process.Kill() // it may be gone
		p.Wait()         // it may be gone
	})
	return p
}

// readRecords adds the records that the child writes.
func (p *child) readRecords(t *testing.T, to *recorder, begun chan<- struct{}) {
	defer close(p.gone)
	for first := true; p.out.Scan(); first = false {
		r, err := parseRecord(p.out.Text())
		if err != nil {
			t.Logf("a child writes %q", p.out.Text())
			continue
		}
		to.add(r)
		if first {
			begun <- struct{}{}
		}
	}
}

// readLine returns the next line that the child writes.
func (p *child) readLine(t *testing.T) string {
	t.Helper()
	killer := time.AfterFunc(testTimeout, func() { p.Process.Kill() })
	defer killer.Stop()
	if !p.out.Scan() {
		t.Fatal("the child writes nothing")
	}
	return p.out.Text()
}
