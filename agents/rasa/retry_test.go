package rasa_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/agents/agenttest"
	"github.com/manyvox/manyvox/agents/rasa"
	"github.com/manyvox/manyvox/channels"
)

const ms = time.Millisecond

// TestFailures checks for every failure how often Rasa sees the turn, how long the agent
// waits and which error the caller gets.
func TestFailures(t *testing.T) {
	t.Parallel()
	const (
		fail    = channels.CodeAgentFailed
		full    = channels.CodeOverloaded
		late    = channels.CodeDeadlineExceeded
		broke   = "agent rasa: the connection broke before the answer was complete"
		page503 = "agent rasa: the server answered 503 Service Unavailable"
		page429 = "agent rasa: the server answered 429 Too Many Requests"
	)
	for _, c := range []struct {
		name      string
		answer    http.HandlerFunc
		turns     int
		low, high time.Duration // of all waits
		code      channels.Code
		message   string
		after     time.Duration
		unreached bool
	}{
		{"503 of a turn that took too long", fails(503, "Error: Response Timeout"), 1, 0, 0, late, page503, 0, false},
		{"503", fails(503, "try later"), 3, 300 * ms, 600 * ms, full, page503, time.Second, true},
		{"503 for a while", fails(503, "", "Retry-After", "20"), 3, 40 * time.Second, 40 * time.Second, full, page503, 20 * time.Second, true},
		{"503 for longer than the turn", fails(503, "", "Retry-After", "300"), 1, 0, 0, full, page503, 300 * time.Second, true},
		{"429", fails(429, "", "Retry-After", "7"), 3, 14 * time.Second, 14 * time.Second, full, page429, 7 * time.Second, true},
		{"429 with nonsense", fails(429, "", "Retry-After", "soon"), 3, 300 * ms, 600 * ms, full, page429, time.Second, true},
		{"429 for ever", fails(429, "", "Retry-After", "9223372036854775807"), 1, 0, 0, full, page429, 24 * time.Hour, true},
		{"502", fails(502, "bad"), 1, 0, 0, fail, "agent rasa: the server answered 502 Bad Gateway", 0, false},
		{"504", fails(504, ""), 1, 0, 0, late, "agent rasa: the server answered 504 Gateway Timeout", 0, false},
		{"500", fails(500, "Traceback"), 1, 0, 0, fail, "agent rasa: the server answered 500 Internal Server Error", 0, false},
		{"404", fails(404, ""), 1, 0, 0, fail, "agent rasa: the server answered 404 Not Found", 0, false},
		{"token refused", fails(401, "wrong token:"), 1, 0, 0, fail, "agent rasa: the server answered 401 Unauthorized", 0, false},
		{"redirect", fails(307, "", "Location", "/elsewhere"), 1, 0, 0, fail, "agent rasa: the server answered 307 Temporary Redirect", 0, false},
		{"no content", fails(204, ""), 1, 0, 0, fail, "agent rasa: the server answered 204 No Content", 0, false},
		{"a status of its own", fails(599, ""), 1, 0, 0, fail, "agent rasa: the server answered 599", 0, false},
		{"closed after the request", hijacks(""), 1, 0, 0, fail, broke, 0, false},
		{"not HTTP, and an echo of the token", hijacks("%s\r\n\r\n"), 1, 0, 0, fail, broke, 0, false},
		{"closed in the body", hijacks("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n[{\"text\""), 1, 0, 0, fail, broke, 0, false},
		{"page without an end", func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusServiceUnavailable)
			_ = http.NewResponseController(w).Flush()
			hangs(w, r)
		}, 3, 6300 * ms, 6600 * ms, full, page503, time.Second, true},
	} {
		for _, mode := range []rasa.Mode{rasa.ModeAlways, rasa.ModeNever} {
			t.Run(c.name+" "+string(mode), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					f, rec := &fake{answer: c.answer}, &agenttest.Recorder{}
					b, start := onPipes(t, serve(t, f), func(conf *rasa.Config) { conf.Stream = mode }), time.Now()
					err := b.ask(t, rec)
					expect(t, err, c.code, c.message)
					if got := agents.IsNotReached(err); got != c.unreached {
						t.Errorf("not reached: %v, want %v", got, c.unreached)
					}
					if got := channels.AsError(err).RetryAfter; got != c.after {
						t.Errorf("retry after %v, want %v", got, c.after)
					}
					if got := len(f.seen()); got != c.turns {
						t.Errorf("%d turns, want %d", got, c.turns)
					}
					if got := time.Since(start); !between(got, c.low, c.high) {
						t.Errorf("waited %v, want %v to %v", got, c.low, c.high)
					}
				})
			})
		}
	}
}

func TestRetriesSucceed(t *testing.T) {
	t.Parallel()
	good := replies(`{"text": "at last"}`)
	for _, c := range []struct {
		name      string
		refuse    int
		answer    http.HandlerFunc
		turns     int
		low, high time.Duration
	}{
		{"no connection at first", 2, good, 1, 300 * ms, 600 * ms},
		{"503 at first", 0, inOrder(fails(503, ""), good), 2, 100 * ms, 200 * ms},
		{"no connection, then 429", 1, inOrder(fails(429, "", "Retry-After", "3"), good), 2, 3100 * ms, 3200 * ms},
		{"503 until a date", 0, inOrder(func(w http.ResponseWriter, r *http.Request) {
			at := time.Now().Add(9 * time.Second).UTC().Format(http.TimeFormat)
			fails(503, "", "Retry-After", at)(w, r)
		}, good), 2, 9 * time.Second, 9 * time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f, rec := &fake{answer: c.answer}, &agenttest.Recorder{}
				p := serve(t, f)
				p.refuse = c.refuse
				b, start := onPipes(t, p), time.Now()
				if err := b.ask(t, rec); err != nil || len(rec.Replies) != 1 {
					t.Errorf("%d replies, error %v", len(rec.Replies), err)
				}
				if got := time.Since(start); !between(got, c.low, c.high) {
					t.Errorf("waited %v, want %v to %v", got, c.low, c.high)
				}
				if got := len(f.seen()); got != c.turns {
					t.Errorf("%d turns, want %d", got, c.turns)
				}
			})
		})
	}
}

func TestUnreachable(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := serve(t, &fake{answer: replies()})
		p.refuse = 99
		err := onPipes(t, p).ask(t, &agenttest.Recorder{})
		expect(t, err, channels.CodeUnavailable, "agent rasa: the server cannot be reached")
		if !errors.Is(err, channels.ErrUnavailable) || !agents.IsNotReached(err) || p.dials != 3 {
			t.Errorf("error %v after %d dials", err, p.dials)
		}
		if strings.Contains(err.Error(), "rasa.test") {
			t.Errorf("%v shows the address", err)
		}
	})
}

// TestTurnEndsUnreached ends the turn while the agent waits to try again, and while it has
// no connection yet.
func TestTurnEndsUnreached(t *testing.T) {
	t.Parallel()
	const end = 80 * time.Second
	for _, c := range []struct {
		name  string
		delay time.Duration // of a dial
		late  bool
		want  error
	}{
		{"canceled while it waits", 0, false, context.Canceled},
		{"canceled while it dials", 100 * time.Second, false, context.Canceled},
		{"late while it dials", 100 * time.Second, true, context.DeadlineExceeded},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := serve(t, &fake{answer: fails(429, "", "Retry-After", "60")})
				p.delay = c.delay
				b := onPipes(t, p)
				ctx, cancel := context.WithCancel(t.Context())
				if c.late {
					ctx, cancel = context.WithTimeout(t.Context(), end)
				} else {
					time.AfterFunc(end, cancel)
				}
				defer cancel()
				start := time.Now()
				err := b.answer(ctx, t, agenttest.Turn("ann", "hi"), &agenttest.Recorder{})
				if got := time.Since(start); !agents.IsNotReached(err) || !errors.Is(err, c.want) || got != end {
					t.Errorf("error %v after %v", err, got)
				}
				time.Sleep(time.Minute) // the dial ends
			})
		})
	}
}

// TestNoRetryOnceShown cuts the connection behind the first line.
func TestNoRetryOnceShown(t *testing.T) {
	t.Parallel()
	f := &fake{answer: hijacks("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{\"text\": \"a\"}\n{\"te")}
	synctest.Test(t, func(t *testing.T) {
		rec := &agenttest.Recorder{}
		err := onPipes(t, serve(t, f), streaming).ask(t, rec)
		expect(t, err, channels.CodeAgentFailed, "agent rasa: the connection broke before the answer was complete")
		if len(rec.Replies) != 1 || len(f.seen()) != 1 {
			t.Errorf("%d replies in %d turns", len(rec.Replies), len(f.seen()))
		}
	})
}

// TestSockets repeats with real sockets two failures of the tests above: a reset after
// the request, and a port that nothing listens to.
func TestSockets(t *testing.T) {
	t.Parallel()
	t.Run("reset", func(t *testing.T) {
		t.Parallel()
		f := &fake{answer: hijacks("")}
		err := onLoopback(t, f).ask(t, &agenttest.Recorder{})
		expect(t, err, channels.CodeAgentFailed, "agent rasa: the connection broke before the answer was complete")
		if got := len(f.seen()); got != 1 {
			t.Errorf("%d turns, want 1", got)
		}
	})
	t.Run("refused", func(t *testing.T) {
		t.Parallel()
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		_ = l.Close()
		unreachable := func(c *rasa.Config) { c.URL = "http://" + l.Addr().String() }
		err = onLoopback(t, &fake{answer: replies()}, unreachable).ask(t, &agenttest.Recorder{})
		expect(t, err, channels.CodeUnavailable, "agent rasa: the server cannot be reached")
		if !agents.IsNotReached(err) {
			t.Errorf("%v counts as reached", err)
		}
		if strings.Contains(channels.AsError(err).Message, "127.0.0.1") {
			t.Errorf("%v shows an address", err)
		}
	})
}
