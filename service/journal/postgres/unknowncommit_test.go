//go:build unix

package postgres_test

import (
	"bytes"
	"context"
	"net"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// mutingProxy stands before a server and keeps its answers back, from when a request holds a
// word until unmute is closed.
type mutingProxy struct {
	target string
	word   []byte
	muted  chan struct{} // closed when a request held the word
	unmute chan struct{} // closed when answers may go on
	once   sync.Once
}

// newMutingProxy returns the proxy and its URL.
func newMutingProxy(t *testing.T, to, word string) (*mutingProxy, string) {
	t.Helper()
	u, err := url.Parse(to)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	h := &mutingProxy{target: u.Host, word: []byte(word), muted: make(chan struct{}), unmute: make(chan struct{})}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			here, err := l.Accept()
			if err != nil {
				return
			}
			there, err := net.Dial("tcp", h.target)
			if err != nil {
				here.Close()
				continue
			}
			go h.forwardRequests(there, here)
			go h.forwardAnswers(here, there)
		}
	}()
	u.Host = l.Addr().String()
	return h, u.String()
}

// forwardRequests forwards requests, also when the client has given up waiting.
func (h *mutingProxy) forwardRequests(to, from net.Conn) {
	defer to.Close()
	for b := make([]byte, 1<<20); ; {
		n, err := from.Read(b)
		if bytes.Contains(b[:n], h.word) {
			h.once.Do(func() { close(h.muted) })
		}
		if _, e := to.Write(b[:n]); e != nil || err != nil {
			time.Sleep(300 * time.Millisecond) // the commit is on its way
			return
		}
	}
}

func (h *mutingProxy) forwardAnswers(to, from net.Conn) {
	defer to.Close()
	for b := make([]byte, 1<<16); ; {
		n, err := from.Read(b)
		select {
		case <-h.muted:
			<-h.unmute
		default:
		}
		if _, e := to.Write(b[:n]); e != nil || err != nil {
			return
		}
	}
}

// A step whose outcome the caller did not learn may have been committed. The same step
// is not committed again then, and another one is.
func TestUnknownOutcome(t *testing.T) {
	t.Parallel()
	for name, again := range map[string]bool{"the same step": true, "another step": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := shared.get(t)
			h, way := newMutingProxy(t, server.URL(server.Database(t)), "part-one")
			o := shortLease()
			o.Timeout, o.Lease = time.Second, 20*time.Second
			s := openReplica(t, way, o)
			if _, err := s.Enqueue(t.Context(), entryOf("ann", "1")); err != nil {
				t.Fatal(err)
			}
			turn, err := s.Next(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			step := journal.Step{Parts: []channels.Part{{ID: "part-one", Channel: "web", Sender: "ann"}}}
			if err := s.Settle(t.Context(), turn.Claim, step); err == nil {
				t.Fatal("Settle learns the outcome")
			}
			close(h.unmute)
			settle := func(step journal.Step) {
				t.Helper()
				ctx, cancel := context.WithTimeout(t.Context(), testTimeout)
				defer cancel()
				if !retry(ctx, func() error { return s.Settle(ctx, turn.Claim, step) }) {
					t.Fatal("Settle does not succeed")
				}
			}
			if again {
				settle(step)
			}
			settle(journal.Step{End: &journal.End{Outcome: journal.OutcomeRetry}})
			next, err := s.Next(t.Context())
			if err != nil || next.Shown != 1 || next.Attempt != 2 {
				t.Errorf("attempt %d, shown %d, %v", next.Attempt, next.Shown, err)
			}
			eventually(t, func() bool { d, err := s.Depth(t.Context()); return err == nil && d.Outbox == 1 })
		})
	}
}

// Events whose outcome the caller did not learn are not kept twice when they are appended
// again.
func TestUnknownOutcomeOfEvents(t *testing.T) {
	t.Parallel()
	server := shared.get(t)
	h, way := newMutingProxy(t, server.URL(server.Database(t)), "the-first")
	o := shortLease()
	o.Timeout, o.Lease = time.Second, 20*time.Second
	s := openReplica(t, way, o)
	event := func(id string) channels.Event {
		return channels.Event{Kind: channels.EventReply, Channel: "web", Sender: "ann", MessageID: id, Time: time.Now()}
	}
	first, second := event("the-first"), event("the-second")
	if err := s.AppendEvents(t.Context(), first); err == nil {
		t.Fatal("AppendEvents learns the outcome")
	}
	close(h.unmute)
	ctx, cancel := context.WithTimeout(t.Context(), testTimeout)
	defer cancel()
	for _, e := range []channels.Event{first, second} {
		if !retry(ctx, func() error { return s.AppendEvents(ctx, e) }) {
			t.Fatal("AppendEvents does not succeed")
		}
	}
	page, err := s.Events(t.Context(), journal.EventFilter{}, -1, 9)
	var ids []string
	for _, e := range page.Events {
		ids = append(ids, e.MessageID)
	}
	if diff := cmp.Diff([]string{"the-first", "the-second"}, ids); diff != "" || err != nil {
		t.Errorf("events, error %v (-want +got):\n%s", err, diff)
	}
}

// Who asks for the depth while the database hangs waits no longer than it wants to.
func TestDepthWhileTheDatabaseHangs(t *testing.T) {
	t.Parallel()
	server := shared.get(t)
	at := server.URL(server.Database(t))
	o := shortLease()
	o.Timeout = 2 * promptly
	s := openReplica(t, at, o)
	lock(t, at, "tally")
	for range 6 {
		go s.Depth(context.Background()) // who waits before
	}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	began := time.Now()
	if _, err := s.Depth(ctx); err == nil || time.Since(began) > promptly {
		t.Errorf("Depth returns %v after %v", err, time.Since(began))
	}
}

// lock keeps a table from everybody else until the test ends.
func lock(t *testing.T, at, table string) {
	t.Helper()
	c, err := pgx.Connect(t.Context(), at)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close(context.Background()) })
	if _, err := c.Exec(t.Context(), "BEGIN; LOCK TABLE "+pgx.Identifier{table}.Sanitize()+" IN ACCESS EXCLUSIVE MODE"); err != nil {
		t.Fatal(err)
	}
}
