//go:build unix

package cmd_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/agents/echo"
	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/channels/callback"
	"github.com/manyvox/manyvox/channels/rest"
	"github.com/manyvox/manyvox/cmd"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/postgres"
	"github.com/manyvox/manyvox/service/journal/sqlite"
)

// signalledChild names the variable that makes a process a child of TestEdge08_10_Signal.
const signalledChild = "MANYVOX_SIGNALLED_CHILD"

// runSignalled is the program as a process, with what a signal may find: a channel whose Open
// does not return, and an agent that does not answer. It prints how far it has come.
func runSignalled(args []string) int {
	say := func(words string) func(net.Addr) {
		return func(a net.Addr) { fmt.Println(words, a) }
	}
	p := cmd.Program{
		Channels: []channels.Type{rest.Type(), callback.Type(), {Name: "stuck", New: func() channels.Config { return &stuckChannel{} }}},
		Agents:   []agents.Type{echo.Type(), {Name: "held", New: func() agents.Config { return &heldAgent{} }}},
		Stores:   []journal.Type{sqlite.Type(), postgres.Type()}, Stdout: os.Stdout, Stderr: os.Stderr,
		Starting: say("starting"), Listening: say("listening"),
	}
	return p.Main(args)
}

// stuckChannel is a channel whose Open never returns, as on a file system that does not answer.
type stuckChannel struct{}

func (stuckChannel) Validate() error { return nil }

func (stuckChannel) Open(channels.Env) (channels.Channel, error) {
	fmt.Println("opening")
	select {}
}

// heldAgent answers once its input, which nobody writes to, ends.
type heldAgent struct{}

func (*heldAgent) Validate() error { return nil }

func (a *heldAgent) Open(agents.Env) (agents.Agent, error) { return a, nil }

func (*heldAgent) Answer(ctx context.Context, _ agents.Turn, r channels.Replier) error {
	fmt.Println("answering")
	if _, err := os.Stdin.Read(make([]byte, 1)); err == nil {
		return errors.New("something was written")
	}
	return r.Reply(ctx, channels.Reply{Text: "done"})
}

// signalled is a child that is to be signalled.
type signalled struct {
	*exec.Cmd
	t        *testing.T
	out, err *syncBuffer
	stdin    interface{ Close() error }
}

// startSignalled starts a child with some files.
func startSignalled(t *testing.T, args ...string) *signalled {
	t.Helper()
	s := &signalled{Cmd: exec.Command(os.Args[0], args...), t: t, out: &syncBuffer{}, err: &syncBuffer{}}
	s.Env, s.Stdout, s.Stderr = append(os.Environ(), signalledChild+"=1"), s.out, s.err
	stdin, err := s.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	s.stdin = stdin
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Process.Kill() })
	return s
}

// served starts a child that runs with these files, in a data directory.
func served(t *testing.T, dir, credentials, endpoints string, args ...string) *signalled {
	t.Helper()
	args = append([]string{"run", "--log-format", "text", "--data-dir", dir}, args...)
	return startSignalled(t, append(args, localFlags(t, credentials, endpoints)...)...)
}

// signal sends a signal.
func (s *signalled) signal(sig os.Signal) {
	s.t.Helper()
	if err := s.Process.Signal(sig); err != nil {
		s.t.Fatal(err)
	}
}

// ended waits until the child has ended, and compares its exit code.
func (s *signalled) ended(code int) {
	s.t.Helper()
	late := time.AfterFunc(waitTimeout, func() { _ = s.Process.Signal(syscall.SIGQUIT) })
	_ = s.Wait()
	if !late.Stop() {
		s.t.Fatalf("it did not end\n%s", s.err)
	}
	if got := s.ProcessState.ExitCode(); got != code {
		s.t.Errorf("exit code %d, want %d\n%s", got, code, s.err)
	}
}

// ask has the child begin a turn, and returns once it is under way.
func (s *signalled) ask() (answered *sync.WaitGroup) {
	s.t.Helper()
	s.out.await(s.t, "listening 127.0.0.1:")
	_, addr, _ := strings.Cut(s.out.String(), "listening ")
	addr, _, _ = strings.Cut(addr, "\n")
	answered = &sync.WaitGroup{}
	answered.Go(func() {
		client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
		res, err := client.Post("http://"+addr+"/webhooks/rest/webhook", "application/json", strings.NewReader(`{"message":"x"}`))
		if err == nil { // the child may have ended
			_ = res.Body.Close()
		}
	})
	s.out.await(s.t, "answering")
	return answered
}

// TestEdge08_10_Signal: one SIGTERM, or SIGINT, ends the program at any moment of its life. What
// it does then is seen by what it has printed.
func TestEdge08_10_Signal(t *testing.T) {
	t.Parallel()
	const restOnly, held = "rest:\n", "agent: {type: held}\n"
	for name, check := range map[string]func(t *testing.T, sig os.Signal){
		"waits for the lock of its data directory": func(t *testing.T, sig os.Signal) {
			dir := t.TempDir()
			first := served(t, dir, restOnly, held)
			first.out.await(t, "listening")
			second := served(t, dir, restOnly, held)
			second.out.await(t, "starting")
			second.signal(sig)
			second.ended(0)
			first.signal(sig)
			first.ended(0)
		},
		"waits for its store": func(t *testing.T, sig os.Signal) {
			s := served(t, t.TempDir(), restOnly, held+"store: {type: postgres, url: \"postgres://u:p@127.0.0.1:1/x\"}\n", "--store-wait", "5m")
			s.out.await(t, "starting")
			s.signal(sig)
			s.ended(0)
		},
		"opens a channel": func(t *testing.T, sig os.Signal) {
			s := served(t, t.TempDir(), "stuck:\n", held)
			s.out.await(t, "opening")
			s.signal(sig)
			s.ended(cmd.ExitFailure)
			s.err.await(t, "manyvox: not ended 2s after the signal: something does not answer, and was left")
		},
		"checks a channel that does not open": func(t *testing.T, sig os.Signal) {
			s := startSignalled(t, append([]string{"check"}, localFlags(t, "stuck:\n", held)...)...)
			s.out.await(t, "opening")
			s.signal(sig)
			s.ended(cmd.ExitFailure)
		},
		"serves": func(t *testing.T, sig os.Signal) {
			s := served(t, t.TempDir(), restOnly, held)
			s.out.await(t, "listening")
			s.signal(sig)
			s.ended(0)
		},
		"answers, and is let to": func(t *testing.T, sig os.Signal) {
			s := served(t, t.TempDir(), restOnly, held)
			answered := s.ask()
			s.signal(sig)
			s.err.await(t, "shutting down: what is in flight may go on")
			_ = s.stdin.Close()
			s.ended(0)
			answered.Wait()
		},
		"answers, and is not let to": func(t *testing.T, sig os.Signal) {
			s := served(t, t.TempDir(), restOnly, held)
			answered := s.ask()
			s.signal(sig)
			s.err.await(t, "shutting down: what is in flight may go on")
			s.signal(sig)
			s.ended(128 + int(sig.(syscall.Signal)))
			answered.Wait()
		},
		"reloads": func(t *testing.T, sig os.Signal) {
			s := startReloading(t, restOnly, held)
			s.out.await(t, "opening")
			s.signal(sig)
			s.ended(0)
			s.err.await(t, "the reload under way is given up")
		},
		"asks a server that does not answer": func(t *testing.T, sig os.Signal) {
			asked, release := make(chan struct{}), make(chan struct{})
			server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { close(asked); <-release }))
			defer server.Close()
			defer close(release)
			s := startSignalled(t, "status", "--server", server.URL, "--operator-token", "x")
			<-asked
			s.signal(sig)
			s.ended(cmd.ExitFailure)
		},
	} {
		for _, sig := range []os.Signal{syscall.SIGTERM, os.Interrupt} {
			t.Run(name+", "+sig.String(), func(t *testing.T) {
				t.Parallel()
				check(t, sig)
			})
		}
	}
}

// startReloading starts a child that opens a channel that does not open, by a reload.
func startReloading(t *testing.T, credentials, endpoints string) *signalled {
	t.Helper()
	dir := files(t, map[string]string{"credentials.yml": credentials, "endpoints.yml": endpoints})
	path := filepath.Join(dir, "credentials.yml")
	s := startSignalled(t, "run", "--log-format", "text", "--data-dir", filepath.Join(dir, "data"), "--port", "0", "--interface", "127.0.0.1",
		"--credentials", path, "--endpoints", filepath.Join(dir, "endpoints.yml"))
	s.out.await(t, "listening")
	if err := os.WriteFile(path, []byte(credentials+"stuck:\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.signal(syscall.SIGHUP)
	return s
}
