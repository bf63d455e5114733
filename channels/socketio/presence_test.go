package socketio_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels/channeltest"
)

// A sender counts as connected from the first socket of the session to the last.
func TestPresence(t *testing.T) {
	t.Parallel()
	h := serve(t, persistent+secret)
	first, second := h.dial(t, ""), h.dial(t, "")
	first.connect()
	h.waitConnected(t)
	id := first.session("null")
	ann, _, _ := strings.Cut(id, ".")
	h.waitConnected(t, ann)
	second.connect()
	second.session(`{"session_id":"` + id + `"}`)
	first.ws.CloseNow()
	await(t, "one connection is left", func() bool { return h.Connections() == 1 })
	h.waitConnected(t, ann)
	other, _, _ := strings.Cut(second.session("null"), ".") // and the old one is left
	h.waitConnected(t, other)
	third := h.dial(t, "")
	third.connect()
	third.send(`42["user_uttered",{"message":"hi","session_id":"` + id + `"}]`) // without a request
	h.waitConnected(t, ann, other)
	second.send("41")
	h.waitConnected(t, ann)
	h.stop()
	h.waitConnected(t)
}

// Without session_persistence the sender is the socket.
func TestPresenceWithoutPersistence(t *testing.T) {
	t.Parallel()
	h := serve(t, "")
	w := h.dial(t, "")
	h.waitConnected(t, w.connect())
	w.session("null")
	w.ws.CloseNow()
	h.waitConnected(t)
}

// blockingInbox records each call of Wake and Gone, and returns from it when the test
// sends a result.
type blockingInbox struct {
	channeltest.Inbox
	results chan error

	mu    sync.Mutex
	calls []string
}

func (g *blockingInbox) Wake(_ context.Context, _ string) error { return g.record("wake") }
func (g *blockingInbox) Gone(_ context.Context, _ string) error { return g.record("gone") }

func (g *blockingInbox) record(call string) error {
	g.mu.Lock()
	g.calls = append(g.calls, call)
	g.mu.Unlock()
	return <-g.results
}

// waitCalls waits for n calls and returns all so far.
func (g *blockingInbox) waitCalls(t *testing.T, n int) []string {
	t.Helper()
	var said []string
	await(t, fmt.Sprintf("%d calls", n), func() bool {
		g.mu.Lock()
		defer g.mu.Unlock()
		said = g.calls
		return len(said) >= n
	})
	return said
}

// Whatever sockets come and go during one call, the last call reports the state that
// lasts, and a call that failed is repeated.
func TestPresenceLastCall(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		// leave says whether the last socket leaves.
		leave bool
		fail  error
		want  []string
	}{
		{"reconnects", false, nil, []string{"wake", "wake"}},
		{"reconnects and leaves", true, nil, []string{"wake", "gone"}},
		{"fails and leaves", true, errors.New("away"), []string{"wake", "gone"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			g := &blockingInbox{results: make(chan error)}
			h := serveTo(t, persistent+secret, g)
			w := h.dial(t, "")
			w.connect()
			id := w.session("null")
			g.waitCalls(t, 1) // and waits
			for range 3 {
				w.ws.CloseNow()
				await(t, "nobody is connected", func() bool { return h.Senders() == 0 })
				w = h.dial(t, "")
				w.connect()
				w.session(`{"session_id":"` + id + `"}`)
			}
			if c.leave {
				w.ws.CloseNow()
				await(t, "nobody is connected", func() bool { return h.Senders() == 0 })
			}
			g.results <- c.fail
			if diff := cmp.Diff(c.want, g.waitCalls(t, 2)); diff != "" {
				t.Errorf("said (-want +got):\n%s", diff)
			}
			close(g.results)
		})
	}
}

// A call that failed is repeated though no socket comes or goes.
func TestPresenceRepeats(t *testing.T) {
	t.Parallel()
	g := &blockingInbox{results: make(chan error)}
	h := serveTo(t, persistent+secret, g)
	w := h.dial(t, "")
	w.connect()
	w.session("null")
	began := time.Now()
	g.results <- errors.New("away")
	g.results <- nil
	if took := time.Since(began); took > waitTimeout {
		t.Errorf("it took %v", took)
	}
	w.ws.CloseNow()
	g.results <- nil
	if diff := cmp.Diff([]string{"wake", "wake", "gone"}, g.waitCalls(t, 3)); diff != "" {
		t.Errorf("said (-want +got):\n%s", diff)
	}
}
