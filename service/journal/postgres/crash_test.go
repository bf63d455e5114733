//go:build unix

package postgres_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/journaltest"
	"github.com/manyvox/manyvox/service/journal/postgres"
	"github.com/manyvox/manyvox/service/journal/postgres/pgtest"
)

// crashRounds names the variable with the number of crashes; make crash sets it.
const crashRounds = "MANYVOX_CRASH_ROUNDS"

// rounds is how often a crash is tried, and whether that is more than usual.
func rounds(t *testing.T) (n int, long bool) {
	t.Helper()
	if n, err := strconv.Atoi(os.Getenv(crashRounds)); err == nil {
		return n, true
	}
	return 1, false
}

// replicaCount is how many share a database here.
const replicaCount = 3

// TestCrashReplica kills one of three processes at work; the others go on with what it
// left. At most what it had claimed is given out again.
func TestCrashReplica(t *testing.T) {
	t.Parallel()
	url := newDatabase(t)
	n, _ := rounds(t)
	for range n {
		crashReplica(t, url)
	}
}

func crashReplica(t *testing.T, url string) {
	t.Helper()
	recorded := newRecorder()
	begun := make(chan struct{}, replicaCount)
	var all []*child
	for who := range replicaCount {
		p := startChild(t, url, "worker", who+1)
		all = append(all, p)
		go p.readRecords(t, recorded, begun)
	}
	for range all {
		select {
		case <-begun:
		case <-time.After(testTimeout):
			t.Fatal("a child does not begin")
		}
	}
	time.Sleep(rand.N(400 * time.Millisecond)) // the moment of the crash is not to be foreseen
	if err := all[0].Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-all[0].gone
	killed := map[int]int64{1: time.Now().UnixNano()}
	time.Sleep(200 * time.Millisecond)
	for _, p := range all[1:] {
		p.in.Close()
	}
	for _, p := range all[1:] {
		select {
		case <-p.gone:
		case <-time.After(testTimeout):
			t.Fatal("a replica does not come to an end")
		}
	}
	if redelivered := recorded.verify(t, killed); redelivered > 2*concurrency {
		t.Errorf("%d are given out again, more than a replica has claimed at once", redelivered)
	}
}

// runWorkers runs three replicas in this process until disturb returns, and verifies their
// records.
func runWorkers(t *testing.T, url string, disturb func(first <-chan struct{})) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 3*testTimeout)
	defer cancel()
	posting, end := context.WithCancel(ctx)
	working, stop := context.WithCancel(ctx)
	recorded := newRecorder()
	var running sync.WaitGroup
	var last *worker
	for who := range replicaCount {
		last = &worker{who: who + 1, store: openReplica(t, url, longLease()), emit: recorded.add}
		w := last
		running.Go(func() { w.work(working, posting) })
	}
	disturb(recorded.first)
	end()
	if !last.waitEmpty(ctx) {
		t.Error("something is never done")
	}
	stop()
	running.Wait()
	recorded.verify(t, nil)
}

// TestCrashServer kills PostgreSQL under three replicas at work, and starts it again.
// Nobody starts the replicas again.
func TestCrashServer(t *testing.T) {
	t.Parallel()
	shared.get(t) // or there is nothing to test
	server := pgtest.Start(t)
	t.Cleanup(func() { server.Stop() })
	n, _ := rounds(t)
	runWorkers(t, server.URL(server.Database(t)), func(first <-chan struct{}) {
		<-first
		for range n {
			time.Sleep(rand.N(400 * time.Millisecond)) // the moment of the crash is not to be foreseen
			server.Kill(t)
			server.Restart(t)
			time.Sleep(300 * time.Millisecond)
		}
	})
}

// TestCrashConnection cuts the way to PostgreSQL for longer than the lease lasts; the
// replicas recover by themselves.
func TestCrashConnection(t *testing.T) {
	t.Parallel()
	server := shared.get(t)
	proxy := server.Proxy(t)
	n, long := rounds(t)
	cut := 4 * time.Second
	if long {
		n, cut = min(n, 3), 10*time.Second
	}
	runWorkers(t, proxy.URL(server.Database(t)), func(first <-chan struct{}) {
		<-first
		for range n {
			time.Sleep(rand.N(400 * time.Millisecond)) // the moment of the cut is not to be foreseen
			proxy.Cut()
			time.Sleep(cut)
			proxy.Restore()
			time.Sleep(300 * time.Millisecond)
		}
	})
}

// While the database is away, calls fail, and none hangs.
func TestAway(t *testing.T) {
	t.Parallel()
	server := shared.get(t)
	proxy := server.Proxy(t)
	s := openReplica(t, proxy.URL(server.Database(t)), shortLease())
	proxy.Cut()
	for call, do := range map[string]func() error{
		"Enqueue": func() error { _, err := s.Enqueue(t.Context(), entryOf("ann", "1")); return err },
		"Next":    func() error { _, err := s.Next(t.Context()); return err },
		"Depth":   func() error { _, err := s.Depth(t.Context()); return err },
		"Join": func() error {
			_, err := s.Acquire(t.Context(), channels.Conversation{Channel: "web", Sender: "ann"}, 9)
			return err
		},
	} {
		began := time.Now()
		err := do()
		if err == nil || errors.Is(err, journal.ErrFenced) {
			t.Errorf("%s returns error %v, want one of the database", call, err)
		}
		if took := time.Since(began); took > promptly {
			t.Errorf("%s fails after %v", call, took)
		}
	}
	proxy.Restore()
	eventually(t, func() bool {
		_, err := s.Enqueue(t.Context(), entryOf("ann", "1"))
		return err == nil
	})
	turn, err := s.Next(t.Context())
	for err != nil {
		turn, err = s.Next(t.Context())
	}
	if turn.Message.ID != "1" {
		t.Errorf("Next returns %s", turn.Message.ID)
	}
}

// TestCrashFrozen stops a process until another replica has its conversation; what it
// does when it wakes is fenced.
func TestCrashFrozen(t *testing.T) {
	t.Parallel()
	url := newDatabase(t)
	s := openReplica(t, url, shortLease())
	n, _ := rounds(t)
	for i := range min(n, 20) {
		freeze(t, s, url, strconv.Itoa(i+1))
	}
}

func freeze(t *testing.T, s *postgres.Store, url, id string) {
	t.Helper()
	if _, err := s.Enqueue(t.Context(), entryOf("ann", id)); err != nil {
		t.Fatal(err)
	}
	p := startChild(t, url, "dozer", 1)
	if line := p.readLine(t); line != "claimed "+id {
		t.Fatalf("the child writes %q", line)
	}
	if err := p.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	ctx, cancel := context.WithTimeout(t.Context(), testTimeout)
	defer cancel()
	turn, err := s.Next(ctx)
	if err != nil || turn.Message.ID != id || turn.Attempt != 2 {
		t.Fatalf("Next returns attempt %d of %s, error %v", turn.Attempt, turn.Message.ID, err)
	}
	t.Logf("taken over after %v, with a lease of %v", time.Since(began), shortLease().Lease)
	if err := p.Process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	if _, err := p.in.Write([]byte("settle\n")); err != nil {
		t.Fatal(err)
	}
	if line := p.readLine(t); !strings.HasPrefix(line, "fenced true") {
		t.Errorf("the child writes %q", line)
	}
	if err := s.Settle(t.Context(), turn.Claim, journal.Step{End: done()}); err != nil {
		t.Errorf("Settle: %v", err)
	}
}

// A replica that gave its lease up begins again: what it had claimed is given out again.
func TestLost(t *testing.T) {
	t.Parallel()
	s := openReplica(t, newDatabase(t), shortLease())
	s.OpenOutbox(journaltest.Slots("web"))
	if _, err := s.Enqueue(t.Context(), entryOf("ann", "1")); err != nil {
		t.Fatal(err)
	}
	old, err := s.Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	held, release, err := s.Lease(t.Context(), "telegram")
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	s.AbandonLease()
	<-held.Done()
	again, err := s.Next(t.Context())
	if err != nil || again.Attempt != 2 {
		t.Fatalf("Next returns attempt %d, error %v", again.Attempt, err)
	}
	end := journal.Step{End: done()}
	if err := s.Settle(t.Context(), old.Claim, end); !errors.Is(err, journal.ErrFenced) {
		t.Errorf("the old claim gets error %v", err)
	}
	if err := s.Settle(t.Context(), again.Claim, end); err != nil {
		t.Errorf("Settle: %v", err)
	}
}
