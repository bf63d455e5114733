package server_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/net/http2"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/gen/manyvox/v1/manyvoxv1connect"
	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/servicetest"
	"github.com/manyvox/manyvox/service/turn"
)

// pausingAgent pauses before, between and after its replies.
func pausingAgent(pause time.Duration, texts ...string) agents.Agent {
	return agents.Func(func(ctx context.Context, _ agents.Turn, r channels.Replier) error {
		for _, text := range texts {
			time.Sleep(pause) // in the bubble
			if err := r.Reply(ctx, channels.Reply{Text: text}); err != nil {
				return err
			}
		}
		time.Sleep(pause)
		return ctx.Err()
	})
}

// The limits of reads and writes do not end a turn that takes long.
func TestDeadlinesLeaveSlowTurnsAlone(t *testing.T) {
	t.Parallel()
	for _, r := range servicetest.Routes() {
		t.Run(r.Name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				h := servicetest.InBubble(t, service.Config{
					Channels: servicetest.Channels(t, "rest:\n"), AgentOptions: turn.AgentOptions{AgentTimeout: time.Hour}, Agent: pausingAgent(10*time.Minute, "one", "two"),
				}, servicetest.Timeout)
				got, err := r.Ask(t.Context(), h, servicetest.Question{Sender: "ann", Text: "hello"})
				if err != nil || !slices.Equal(got.Texts, []string{"one", "two"}) {
					t.Errorf("%+v, %v", got, err)
				}
			})
		})
	}
}

// The connection of a client that sends half a body and stalls is closed: the rest of the
// body would be taken for a request. No agent is asked.
func TestDeadlinesEndStalledBodies(t *testing.T) {
	t.Parallel()
	for path, status := range map[string]string{
		"/webhooks/rest/webhook": "400", manyvoxv1connect.ChannelServiceReceiveProcedure: "504",
	} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				h := servicetest.InBubble(t, service.Config{Channels: servicetest.Channels(t, "rest:\n"), Agent: servicetest.UncalledAgent(t)}, servicetest.Timeout)
				conn, err := h.Dial(t.Context(), "tcp", h.Addr)
				if err != nil {
					t.Fatal(err)
				}
				defer conn.Close()
				began := time.Now()
				fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{\"message\":", path)
				answer, err := io.ReadAll(conn)
				if err != nil || !strings.HasPrefix(string(answer), "HTTP/1.1 "+status) {
					t.Errorf("%q, %v, want status %s", answer, err, status)
				}
				if took := time.Since(began); took != time.Minute {
					t.Errorf("the connection was closed after %v, want a minute", took)
				}
			})
		})
	}
}

// On HTTP/2 the connection carries other calls, and stays open.
func TestDeadlinesEndStalledBodiesOverHTTP2(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := servicetest.InBubble(t, service.Config{Channels: servicetest.Channels(t, "rest:\n"), Agent: servicetest.ReplyWith("hello")}, servicetest.Timeout)
		w, _ := frames(t, h)
		w.must(w.conn.SetDeadline(time.Now().Add(time.Hour)))
		began := time.Now()
		w.begin(1, "/webhooks/rest/webhook", "application/json")
		w.must(w.WriteData(1, false, []byte(`{"message":`)))
		answer := w.next("the answer", typed[*http2.MetaHeadersFrame]).(*http2.MetaHeadersFrame)
		if status, took := field(answer, ":status"), time.Since(began); status != "400" || took != time.Minute {
			t.Errorf("status %s after %v, want 400 after a minute", status, took)
		}
		w.post(3, "/webhooks/rest/webhook", "application/json", []byte(`{"message":"hello"}`))
		answer = w.next("the next answer", typed[*http2.MetaHeadersFrame]).(*http2.MetaHeadersFrame)
		if status := field(answer, ":status"); status != "200" || answer.StreamID != 3 {
			t.Errorf("then status %s on stream %d", status, answer.StreamID)
		}
	})
}

// answersBySize are answers smaller than a buffer, larger than one, and without end.
var answersBySize = map[string][]string{
	"one small reply": {"hello"}, "one large reply": {strings.Repeat("bla ", 100_000)}, "many replies": slices.Repeat([]string{"hello"}, 20_000),
}

// endsInTime checks that the call of a client that reads nothing has ended, without a
// warning in the log, and that others are answered.
func endsInTime(t *testing.T, h *servicetest.Running, began time.Time) {
	t.Helper()
	if took := time.Since(began); took < 20*time.Second || took > time.Minute {
		t.Errorf("the connection was closed after %v, want about 30 s", took)
	}
	synctest.Wait()
	if log := h.Log.String(); strings.Contains(log, `"level":"WARN"`) {
		t.Errorf("the log has a warning or an error: %s", log)
	}
	if status, body := h.Get(t, "/healthz"); status != http.StatusOK {
		t.Errorf("afterwards: %d %s", status, body)
	}
}

func TestDeadlinesEndClientsThatReadNothingOverHTTP1(t *testing.T) {
	t.Parallel()
	for name, texts := range answersBySize {
		for _, query := range []string{"", "?stream=true"} {
			t.Run(name+query, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					h := servicetest.InBubble(t, service.Config{Channels: servicetest.Channels(t, "rest:\n"), Agent: servicetest.ReplyWith(texts...)}, servicetest.Timeout)
					conn, err := h.Dial(t.Context(), "tcp", h.Addr)
					if err != nil {
						t.Fatal(err)
					}
					defer conn.Close()
					began := time.Now()
					fmt.Fprintf(conn, "POST /webhooks/rest/webhook%s HTTP/1.1\r\nHost: x\r\nContent-Length: 16\r\n\r\n{\"message\":\"hi\"}", query)
					awaitHangup(t, conn)
					endsInTime(t, h, began)
				})
			})
		}
	}
}

// awaitHangup waits until the other end has closed the connection. It reads no byte: a
// pipe refuses writes once its other end is closed.
func awaitHangup(t *testing.T, conn net.Conn) {
	t.Helper()
	if err := conn.SetWriteDeadline(time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	w := bufio.NewWriterSize(conn, 1)
	for {
		if _, err := w.WriteString("x"); err != nil {
			if !errors.Is(err, io.ErrClosedPipe) {
				t.Errorf("the server does not hang up: %v", err)
			}
			return
		}
	}
}

func TestDeadlinesEndClientsThatReadNothingOverHTTP2(t *testing.T) {
	t.Parallel()
	const call, stream = manyvoxv1connect.ChannelServiceReceiveProcedure, manyvoxv1connect.ChannelServiceReceiveStreamProcedure
	for name, texts := range answersBySize {
		for _, path := range []string{"/webhooks/rest/webhook", "/webhooks/rest/webhook?stream=true", call, stream} {
			t.Run(name+path, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					h := servicetest.InBubble(t, service.Config{Channels: servicetest.Channels(t, "rest:\n"), Agent: servicetest.ReplyWith(texts...)}, servicetest.Timeout)
					w, _ := frames(t, h, http2.Setting{ID: http2.SettingInitialWindowSize, Val: 1})
					w.must(w.conn.SetDeadline(time.Now().Add(time.Hour)))
					began := time.Now()
					if strings.HasPrefix(path, "/webhooks") {
						w.post(1, path, "application/json", []byte(`{"message":"hello"}`))
					} else {
						w.receive(path)
					}
					w.next("RST_STREAM", typed[*http2.RSTStreamFrame])
					endsInTime(t, h, began)
				})
			})
		}
	}
}

// A client may stop reading long after the stream began.
func TestDeadlinesEndClientsThatStopReading(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := servicetest.InBubble(t, service.Config{
			Channels: servicetest.Channels(t, "rest:\n"), AgentOptions: turn.AgentOptions{AgentTimeout: time.Hour},
			Agent: agents.Func(func(ctx context.Context, turn agents.Turn, r channels.Replier) error {
				if err := servicetest.ReplyWith("hello").Answer(ctx, turn, r); err != nil {
					return err
				}
				time.Sleep(10 * time.Minute)
				return servicetest.ReplyWith(answersBySize["many replies"]...).Answer(ctx, turn, r)
			}),
		}, servicetest.Timeout)
		w, _ := frames(t, h, http2.Setting{ID: http2.SettingInitialWindowSize, Val: 1000})
		w.must(w.conn.SetDeadline(time.Now().Add(time.Hour)))
		w.receive(manyvoxv1connect.ChannelServiceReceiveStreamProcedure)
		w.next("the first reply", typed[*http2.DataFrame])
		began := time.Now()
		w.next("RST_STREAM", typed[*http2.RSTStreamFrame])
		endsInTime(t, h, began.Add(10*time.Minute))
	})
}

// A large reply reaches a client whose line is slow: the limit is on each piece, not on the
// whole.
func TestEdge08_12_SlowReaders(t *testing.T) {
	t.Parallel()
	for name, of := range map[string]func(*servicetest.Running) *http.Client{
		"HTTP/1.1": func(h *servicetest.Running) *http.Client { return h.HTTP1 },
		"HTTP/2":   func(h *servicetest.Running) *http.Client { return h.HTTP2 },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				text := strings.Repeat("x", channels.MaxReply)
				h := servicetest.InBubble(t, service.Config{Channels: servicetest.Channels(t, "rest:\n"), Agent: servicetest.ReplyWith(text)}, servicetest.Timeout)
				req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, h.URL+"/webhooks/rest/webhook", strings.NewReader(`{"message":"hi"}`))
				if err != nil {
					t.Fatal(err)
				}
				req.Header.Set("Accept-Encoding", "identity")
				res, err := of(h).Do(req)
				if err != nil {
					t.Fatal(err)
				}
				defer res.Body.Close()
				read, began := 0, time.Now()
				for piece := make([]byte, 64<<10); err == nil; {
					time.Sleep(time.Second) // in the bubble
					var n int
					n, err = io.ReadFull(res.Body, piece)
					read += n
				}
				if read <= len(text) || time.Since(began) < 4*time.Minute {
					t.Errorf("%d bytes in %v: %v", read, time.Since(began), err)
				}
			})
		})
	}
}
