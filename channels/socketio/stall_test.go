package socketio_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
)

// onPipe returns a harness for a program that listens at l.
func onPipe(t *testing.T, l *pipeListener) *harness {
	h := &harness{url: "http://x/socket.io/", http: &http.Client{Transport: &http.Transport{DialContext: l.dial}}, timeout: time.Minute}
	t.Cleanup(h.http.CloseIdleConnections)
	return h
}

// Clients that ask and never poll again keep no slot, so that the reply to another is there
// at once, by the clock of the bubble.
func TestPollersStallNobody(t *testing.T) {
	t.Parallel()
	const pollers = 800
	synctest.Test(t, func(t *testing.T) {
		l := newPipeListener()
		p := run(t, programOptions{listener: l})
		h := onPipe(t, l)
		for n := range pollers {
			c := h.poller(t)
			c.connect()
			c.send(fmt.Sprintf(`42["user_uttered",{"message":"message %d"}]`, n))
		}
		other := dialRaw(t, l)
		began := time.Now()
		other.converse()
		if took := time.Since(began); took > 0 {
			t.Errorf("a reply waits %v for clients that do not poll", took)
		}
		if n := p.channel.Senders(); n != pollers+1 {
			t.Errorf("%d senders are connected, want %d", n, pollers+1)
		}
	})
}

// A client that polls gets all replies, each once and in order, though it is between two
// polls whenever the next one is sent. No reply waits for its pause: the polls wake them.
func TestPollerGetsEachReplyOnce(t *testing.T) {
	t.Parallel()
	const replies = 50
	synctest.Test(t, func(t *testing.T) {
		l := newPipeListener()
		run(t, programOptions{listener: l, agent: agents.Func(func(ctx context.Context, _ agents.Turn, r channels.Replier) error {
			for n := range replies {
				if err := r.Reply(ctx, channels.Reply{Text: fmt.Sprint(n)}); err != nil {
					return err
				}
			}
			return nil
		})})
		c := onPipe(t, l).poller(t)
		c.connect()
		c.send(`42["user_uttered",{"message":"hello"}]`)
		synctest.Wait() // until the first reply has found nobody who polls
		began := time.Now()
		for n := range replies {
			c.wants(fmt.Sprintf(`42["bot_uttered",{"text":"%d"}]`, n))
		}
		if took := time.Since(began); took > 0 {
			t.Errorf("the replies have waited %v", took)
		}
		c.send(`429["sync"]`)
		c.wants("439[]") // and nothing more
	})
}

// A Send waits for the earlier packets of a WebSocket as long as its context lets it, and
// never so long that a client which takes nothing could hold many slots.
func TestSendEndsInTime(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name          string
		timeout, want time.Duration
	}{
		{"by its context", time.Second, time.Second},
		{"by itself", time.Minute, 3 * time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				l := newPipeListener()
				p := run(t, programOptions{listener: l, block: "  " + persistent})
				client := dialRaw(t, l) // which reads nothing more
				sender, _, _ := strings.Cut(client.session, ".")
				synctest.Wait() // until the session is joined
				part := channels.Part{Sender: sender, Reply: channels.Reply{Text: "hello"}}
				first := make(chan error, 1)
				go func() {
					_, err := p.channel.Send(t.Context(), part)
					first <- err
				}()
				synctest.Wait() // until it writes
				ctx, cancel := context.WithTimeout(t.Context(), c.timeout)
				defer cancel()
				began := time.Now()
				_, err := p.channel.Send(ctx, part)
				wantAbsent(t, err, 24*time.Hour)
				if took := time.Since(began); took != c.want {
					t.Errorf("it took %v, want %v", took, c.want)
				}
				client.conn.Close()
				wantAbsent(t, <-first, 24*time.Hour)
			})
		})
	}
}
