//go:build unix

package postgres_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/postgres"
)

// TestCrashFrozenSender freezes one of three processes that send, again and again, until
// the others have its parts and sent newer ones. When it wakes it sends nothing that is
// old.
func TestCrashFrozenSender(t *testing.T) {
	t.Parallel()
	url := newDatabase(t)
	s := openReplica(t, url, longLease())
	recorded := newRecorder()
	var all []*child
	for who := range replicaCount {
		p := startChild(t, url, "sender", who+1)
		all = append(all, p)
		go p.readRecords(t, recorded, make(chan struct{}, 1))
	}
	ctx, cancel := context.WithTimeout(t.Context(), 4*testTimeout)
	defer cancel()
	pushing, end := context.WithCancel(ctx)
	var running sync.WaitGroup
	for n := range senders {
		running.Go(func() { pushMany(pushing, t, s, recorded, fmt.Sprint("c", n)) })
	}
	n, _ := rounds(t)
	for round := range min(3*n, 30) {
		recorded.await(t, senders)
		freezeSender(t, s, all[round%replicaCount], recorded)
	}
	end()
	running.Wait()
	eventually(t, func() bool { d, err := s.Depth(ctx); return err == nil && d.Outbox == 0 })
	for _, p := range all {
		p.in.Close()
		<-p.gone
	}
	recorded.verify(t, nil)
	if recorded.count("back") == 0 {
		t.Error("no process had claimed anything when it was frozen")
	}
}

// freezeSender stops a process until others have taken over from it and gone on.
func freezeSender(t *testing.T, s *postgres.Store, p *child, recorded *recorder) {
	t.Helper()
	replicas := func() int {
		n, err := s.QueryInt(t.Context(), `SELECT count(*) FROM replica`)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	eventually(t, func() bool { return replicas() == replicaCount+1 })
	if err := p.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	eventually(t, func() bool { return replicas() == replicaCount }) // it is taken over
	recorded.await(t, 4*senders)
	if err := p.Process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
}

// pushMany pushes parts to a conversation until ctx ends.
func pushMany(ctx context.Context, t *testing.T, s *postgres.Store, recorded *recorder, sender string) {
	free := context.WithoutCancel(ctx)
	for n := 1; ctx.Err() == nil; n++ {
		id := strconv.Itoa(n)
		p := journal.Push{
			Key: journal.Key{Channel: "web", Sender: sender, ID: id}, Window: time.Hour,
			Parts: []channels.Part{{ID: id, Channel: "web", Sender: sender}},
		}
		if !retry(free, func() error { _, err := s.Push(free, p); return err }) {
			t.Error("a part can't be pushed")
			return
		}
		recorded.add(record{time.Now().UnixNano(), 0, "stored", sender, int64(n)})
		select {
		case <-time.After(50*time.Millisecond + rand.N(100*time.Millisecond)):
		case <-ctx.Done():
		}
	}
}

// count returns how many records there are of a kind.
func (p *recorder) count(kind string) (n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, r := range p.all {
		if r.kind == kind {
			n++
		}
	}
	return n
}

// await waits for so many more parts that were sent.
func (p *recorder) await(t *testing.T, more int) {
	t.Helper()
	want := p.count("sent") + more
	eventually(t, func() bool { return p.count("sent") >= want })
}
