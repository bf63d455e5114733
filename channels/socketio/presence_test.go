package socketio_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels/channeltest"
)

// The service knows who is there: from the first socket of a session to the last.
func TestPresence(t *testing.T) {
	t.Parallel()
	h := serve(t, persistent+secret)
	first, second := h.dial(t, ""), h.dial(t, "")
	first.connect()
	h.there(t)
	id := first.session("null")
	ann, _, _ := strings.Cut(id, ".")
	h.there(t, ann)
	second.connect()
	second.session(`{"session_id":"` + id + `"}`)
	first.ws.CloseNow()
	await(t, "one connection is left", func() bool { return h.Connections() == 1 })
	h.there(t, ann)
	other, _, _ := strings.Cut(second.session("null"), ".") // and the old one is left
	h.there(t, other)
	third := h.dial(t, "")
	third.connect()
	third.send(`42["user_uttered",{"message":"hi","session_id":"` + id + `"}]`) // without a request
	h.there(t, ann, other)
	second.send("41")
	h.there(t, ann)
	h.stop()
	h.there(t)
}

// Without session_persistence the socket is who is there.
func TestPresenceWithoutPersistence(t *testing.T) {
	t.Parallel()
	h := serve(t, "")
	w := h.dial(t, "")
	h.there(t, w.connect())
	w.session("null")
	w.ws.CloseNow()
	h.there(t)
}

// gate is a service that lets one word in at a time.
type gate struct {
	channeltest.Inbox
	pass chan error

	mu   sync.Mutex
	said []string
}

func (g *gate) Wake(_ context.Context, _ string) error { return g.hear("wake") }
func (g *gate) Gone(_ context.Context, _ string) error { return g.hear("gone") }

func (g *gate) hear(word string) error {
	g.mu.Lock()
	g.said = append(g.said, word)
	g.mu.Unlock()
	return <-g.pass
}

// heard waits for so many words.
func (g *gate) heard(t *testing.T, n int) []string {
	t.Helper()
	var said []string
	await(t, "the service is told", func() bool {
		g.mu.Lock()
		defer g.mu.Unlock()
		said = g.said
		return len(said) >= n
	})
	return said
}

// Whatever comes and goes while the service is told one thing, the last word is how
// things are, and a word that failed is said again.
func TestPresenceLastWord(t *testing.T) {
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
		{"is told again", true, errors.New("away"), []string{"wake", "gone"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			g := &gate{pass: make(chan error)}
			h := serveTo(t, persistent+secret, g)
			w := h.dial(t, "")
			w.connect()
			id := w.session("null")
			g.heard(t, 1) // and waits
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
			g.pass <- c.fail
			if diff := cmp.Diff(c.want, g.heard(t, 2)); diff != "" {
				t.Errorf("said (-want +got):\n%s", diff)
			}
			close(g.pass)
		})
	}
}

// A word that failed is said again though nothing happens.
func TestPresenceSaidAgain(t *testing.T) {
	t.Parallel()
	g := &gate{pass: make(chan error)}
	h := serveTo(t, persistent+secret, g)
	w := h.dial(t, "")
	w.connect()
	w.session("null")
	began := time.Now()
	g.pass <- errors.New("away")
	g.pass <- nil
	if took := time.Since(began); took > patience {
		t.Errorf("it took %v", took)
	}
	w.ws.CloseNow()
	g.pass <- nil
	if diff := cmp.Diff([]string{"wake", "wake", "gone"}, g.heard(t, 3)); diff != "" {
		t.Errorf("said (-want +got):\n%s", diff)
	}
}
