//go:build unix

package socketio_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/postgres"
	"github.com/manyvox/manyvox/service/journal/postgres/pgtest"
)

// replicaSet is some programs that share a database.
type replicaSet struct {
	programs  []*program
	harnesses []*harness
	// turns is how many turns each has run.
	turns []atomic.Int32
	// putBack is how many attempts to send a part found nobody.
	putBack atomic.Int32
}

// replicaJournal counts the parts that are put back.
type replicaJournal struct {
	*postgres.Store
	putBack *atomic.Int32
}

func (j replicaJournal) SettlePart(ctx context.Context, claim journal.Claim, o journal.PartOutcome) error {
	if !o.Sent && !o.Expired && !o.Dead {
		j.putBack.Add(1)
	}
	return j.Store.SettlePart(ctx, claim, o)
}

// startReplicas starts n programs.
func startReplicas(t *testing.T, n int) *replicaSet {
	t.Helper()
	server := pgtest.Start(t)
	t.Cleanup(func() {
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
	})
	url := server.URL(server.Database(t))
	w := &replicaSet{turns: make([]atomic.Int32, n)}
	for i := range n {
		store, err := postgres.Open(t.Context(), url, postgres.Options{Retention: -1, Log: slog.New(slog.NewTextHandler(t.Output(), nil))})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { store.Close() })
		p := run(t, programOptions{block: persistentBlock, journal: replicaJournal{store, &w.putBack}, agent: agents.Func(func(ctx context.Context, turn agents.Turn, r channels.Replier) error {
			w.turns[i].Add(1)
			for _, half := range []string{"one", "two"} {
				if err := r.Reply(ctx, channels.Reply{Text: turn.Message.Text + " " + half}); err != nil {
					return err
				}
			}
			return nil
		})})
		w.programs, w.harnesses = append(w.programs, p), append(w.harnesses, &harness{url: p.url + "/socket.io/"})
	}
	return w
}

// post stores a message of a session by way of a program.
func (w *replicaSet) post(t *testing.T, program int, sender, text string) {
	t.Helper()
	m := channels.Message{Channel: "socketio", Sender: sender, ID: text, Text: text, InputChannel: "socketio"}
	fresh, err := w.programs[program].journal.Enqueue(t.Context(), journal.Entry{Message: m, Window: time.Hour})
	if err != nil || !fresh[0] {
		t.Fatalf("Enqueue: fresh %v, error %v", fresh, err)
	}
}

// readReplies reads the two replies to a message, each of which comes once.
func (c *client) readReplies(text string) {
	c.t.Helper()
	c.wants(`42["bot_uttered",{"text":"`+text+` one"}]`, `42["bot_uttered",{"text":"`+text+` two"}]`)
}

// TestReplicas has a client at one of three programs, and then at another, while all of
// them take and answer messages. Every reply comes once, in order, and is sent by the program
// that has the client: the others do not try.
func TestReplicas(t *testing.T) {
	t.Parallel()
	const messages = 20
	w := startReplicas(t, 3)
	id, sender := "null", ""
	for visit, at := range []int{1, 0, 2, 1} {
		c := w.harnesses[at].dial(t, "")
		c.connect()
		id = `{"session_id":"` + c.confirmed(id) + `"}`
		if visit > 0 {
			c.readReplies(fmt.Sprintf("while away %d", visit)) // what waited
		}
		before := w.putBack.Load()
		sender, _, _ = strings.Cut(id[len(`{"session_id":"`):], ".")
		for n := range messages {
			text := fmt.Sprintf("message %d of visit %d", n, visit)
			w.post(t, n%len(w.programs), sender, text)
			c.readReplies(text)
		}
		if tried := w.putBack.Load() - before; tried > 0 {
			t.Errorf("visit %d: %d attempts by programs without the client", visit, tried)
		}
		c.send(`429["sync"]`)
		c.wants("439[]") // and nothing more
		c.ws.CloseNow()
		await(t, "the client is gone", func() bool { return w.programs[at].channel.Senders() == 0 })
		w.post(t, visit%len(w.programs), sender, fmt.Sprintf("while away %d", visit+1))
	}
	for i := range w.turns {
		if w.turns[i].Load() == 0 {
			t.Errorf("program %d has answered nothing", i)
		}
	}
}

// TestReplicaMoves stops the program that a client is connected to, between two messages.
// The client connects to the other one, and gets the rest there.
func TestReplicaMoves(t *testing.T) {
	t.Parallel()
	w := startReplicas(t, 2)
	c := w.harnesses[0].dial(t, "")
	c.connect()
	id := c.session("null")
	sender, _, _ := strings.Cut(id, ".")
	w.post(t, 1, sender, "before")
	c.readReplies("before")
	stopped := make(chan struct{})
	go func() { w.programs[0].stop(); close(stopped) }()
	c.waitClosed()
	<-stopped
	w.post(t, 1, sender, "between")
	c = w.harnesses[1].dial(t, "")
	c.connect()
	if got := c.confirmed(`{"session_id":"` + id + `"}`); got != id {
		t.Fatalf("confirmed %q", got)
	}
	c.readReplies("between")
	w.post(t, 1, sender, "after")
	c.readReplies("after")
}
