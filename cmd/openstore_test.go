package cmd_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/manyvox/manyvox/cmd"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/memory"
)

// lateStore is a store that is away until opened gets how Open ends.
type lateStore struct {
	opened chan error
	env    chan journal.Env
}

func (s *lateStore) Validate() error { return nil }

func (s *lateStore) Open(ctx context.Context, env journal.Env) (journal.Journal, error) {
	s.env <- env
	select {
	case err := <-s.opened:
		if err != nil {
			return nil, err
		}
		return memory.Open(), nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// startLate runs a program whose store is away, and returns it once it answers.
func startLate(t *testing.T, s *lateStore, args ...string) (r *running, listening <-chan net.Addr) {
	t.Helper()
	p := newProgram()
	p.Stores = []journal.Type{{Name: "late", New: func() journal.Config { return s }}}
	r = &running{program: p, t: t, http: &http.Client{Transport: &http.Transport{}}, code: make(chan int, 1)}
	starting, ready := make(chan net.Addr, 1), make(chan net.Addr, 1)
	r.Starting = func(a net.Addr) { starting <- a }
	r.Listening = func(a net.Addr) { ready <- a }
	ctx, stop := context.WithCancel(context.Background())
	r.stop = stop
	go func() {
		r.code <- r.Run(ctx, append([]string{"run", "--data-dir", t.TempDir()}, args...))
		close(r.code)
	}()
	t.Cleanup(func() { r.http.CloseIdleConnections(); stop(); <-r.code })
	select {
	case a := <-starting:
		r.addr = a.String()
	case <-time.After(waitTimeout):
		t.Fatalf("it does not answer: %s", r.err)
	}
	return r, ready
}

// While the store is away the program is alive and takes nothing; then it serves.
func TestStoreThatIsAway(t *testing.T) {
	t.Parallel()
	s := &lateStore{make(chan error), make(chan journal.Env, 1)}
	r, listening := startLate(t, s, localFlags(t, "rest:\n", echoes, "--store-wait", "7s")...)
	if env := <-s.env; env.StoreWait != 7*time.Second {
		t.Errorf("the store is given %v", env.StoreWait)
	}
	for _, c := range []struct {
		method, path string
		status       int
	}{
		{http.MethodGet, "/healthz", 200},
		{http.MethodGet, "/readyz", 503},
		{http.MethodGet, "/", 503},
		{http.MethodGet, "/metrics", 503},
		{http.MethodPost, "/webhooks/rest/webhook", 503},
		{http.MethodPost, "/manyvox.v1.ChannelService/Receive", 503},
	} {
		req, err := http.NewRequestWithContext(t.Context(), c.method, "http://"+r.addr+c.path, strings.NewReader(`{"message":"hello"}`))
		if err != nil {
			t.Fatal(err)
		}
		res, err := r.http.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if again := res.Header.Get("Retry-After"); res.StatusCode != c.status || (c.status == 503) != (again == "1") {
			t.Errorf("%s %s: %d, Retry-After %q, want %d", c.method, c.path, res.StatusCode, again, c.status)
		}
	}
	s.opened <- nil
	select {
	case <-listening:
	case <-time.After(waitTimeout):
		t.Fatalf("it does not serve: %s", r.err)
	}
	if res, body := r.post("", `{"sender":"ann","message":"hello"}`); res.StatusCode != http.StatusOK || body != `[{"recipient_id":"ann","text":"hello"}]` {
		t.Errorf("%d %s", res.StatusCode, body)
	}
	if code := r.end(); code != cmd.ExitOK {
		t.Errorf("exit code %d: %s", code, r.err)
	}
}

// A store that stays away ends the program, and its port is free again.
func TestStoreThatStaysAway(t *testing.T) {
	t.Parallel()
	s := &lateStore{make(chan error), make(chan journal.Env, 1)}
	r, _ := startLate(t, s, localFlags(t, "rest:\n", echoes)...)
	if env := <-s.env; env.StoreWait != time.Minute {
		t.Errorf("the store is given %v", env.StoreWait)
	}
	s.opened <- errors.New("journal late: away for 1m0s")
	if code := <-r.code; code != cmd.ExitFailure || !strings.HasSuffix(r.err.String(), "manyvox: journal late: away for 1m0s\n") {
		t.Errorf("exit code %d: %s", code, r.err)
	}
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", r.addr)
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
}
