// Package cmdtest runs the program inside a test, for examples and for programs with
// channels of their own.
package cmdtest

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"testing"

	"github.com/manyvox/manyvox/cmd"
)

// Start runs the program on a free port of this machine until the test ends, when it
// must end well, and returns its address as a URL. The two texts are its configuration
// files; an empty one gives the program none. Flags of "manyvox run" may follow. Its output
// is the test's.
func Start(t testing.TB, p cmd.Program, credentials, endpoints string, flags ...string) (url string) {
	t.Helper()
	listening, exited := make(chan net.Addr, 1), make(chan int, 1)
	p.Stdout, p.Stderr = t.Output(), t.Output()
	p.Listening = func(a net.Addr) { listening <- a }
	args := []string{"run", "--interface", "127.0.0.1", "--port", "0", "--data-dir", t.TempDir()}
	for flag, text := range map[string]string{"credentials": credentials, "endpoints": endpoints} {
		if text != "" {
			args = append(args, "--"+flag, write(t, flag+".yml", text))
		}
	}
	args = append(args, flags...)
	ctx, stop := context.WithCancel(context.Background())
	go func() { exited <- p.Run(ctx, args) }()
	t.Cleanup(func() {
		stop()
		if code := <-exited; code != cmd.ExitOK {
			t.Errorf("manyvox exits with %d", code)
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

func write(t testing.TB, name, text string) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
