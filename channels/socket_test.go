package channels_test

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"
	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/servicetest"
)

// serveSocket starts a platform in a bubble that serves one kind of WebSocket, and returns how
// to dial it.
func serveSocket(t *testing.T, serve func(context.Context, *websocket.Conn)) channels.ClientConfig {
	t.Helper()
	listener, dial := servicetest.NewPipeNetwork()
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, err := websocket.Accept(w, r, nil)
		if err != nil {
			return
		}
		defer conn.CloseNow()
		serve(r.Context(), conn)
	})}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	t.Cleanup(func() { server.Close(); <-ended })
	return channels.ClientConfig{Dial: channels.DialFunc(dial)}
}

func TestSocket(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := serveSocket(t, func(ctx context.Context, conn *websocket.Conn) {
			for {
				kind, data, err := conn.Read(ctx)
				if err != nil || conn.Write(ctx, kind, append([]byte("got "), data...)) != nil {
					return
				}
			}
		})
		s, err := channels.DialSocket(t.Context(), c, "ws://platform.test/link?ticket=hush")
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		if err := s.Write(t.Context(), map[string]string{"a": "<b>"}); err != nil {
			t.Fatal(err)
		}
		got, err := s.Read(t.Context())
		if err != nil || string(got) != `got {"a":"<b>"}` {
			t.Errorf("%q, %v", got, err)
		}
		if err := s.Write(t.Context(), func() {}); err == nil {
			t.Error("what is no JSON is written")
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := s.Read(ctx); err == nil {
			t.Error("reading does not end with its context")
		}
	})
}

// TestSocketSilent ends the reading when nobody answers a ping any more, and not before.
func TestSocketSilent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		silent := make(chan struct{})
		c := serveSocket(t, func(ctx context.Context, conn *websocket.Conn) {
			reading, cancel := context.WithTimeout(ctx, 5*time.Minute)
			defer cancel()
			reading = conn.CloseRead(reading) // answers pings
			<-reading.Done()
			<-silent
		})
		s, err := channels.DialSocket(t.Context(), c, "ws://platform.test/")
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		defer close(silent)
		began := time.Now()
		_, err = s.Read(t.Context())
		if took := time.Since(began); err == nil || took < 5*time.Minute || took > 6*time.Minute {
			t.Errorf("reading ends after %v: %v", took, err)
		}
	})
}

// TestSocketRefused has no address in an error, and follows no redirect.
func TestSocketRefused(t *testing.T) {
	t.Parallel()
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a redirect is followed") }))
	t.Cleanup(elsewhere.Close)
	for name, h := range map[string]http.HandlerFunc{
		"not found": http.NotFound,
		"redirect":  func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, elsewhere.URL, http.StatusFound) },
		"no answer": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	} {
		server := httptest.NewServer(h)
		c := channels.ClientConfig{Dial: new(net.Dialer).DialContext}
		_, err := channels.DialSocket(t.Context(), c, "ws"+strings.TrimPrefix(server.URL, "http")+"/link?ticket=hush")
		server.Close()
		if err == nil || channels.AsSendError(err).Class != channels.SendUnavailable || strings.Contains(err.Error(), "hush") {
			t.Errorf("%s: %v", name, err)
		}
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := channels.DialSocket(over, channels.ClientConfig{Dial: new(net.Dialer).DialContext}, "ws://127.0.0.1:1/"); err == nil {
		t.Error("it does not end with its context")
	}
}

// TestSocketLoop opens the next socket before one is left, goes on after one that breaks, and ends
// with an error that does not pass.
func TestSocketLoop(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := 0
		c := serveSocket(t, func(ctx context.Context, conn *websocket.Conn) {
			n++
			ctx = conn.CloseRead(ctx) // answers pings
			say := func(text string) { _ = conn.Write(ctx, websocket.MessageText, []byte(text)) }
			switch n {
			case 1:
				say("leave")
				time.Sleep(time.Minute)
				say("too late") // it was left half a minute ago
			case 2:
				say("hello")
				time.Sleep(10 * time.Second) // and then it breaks
			default:
				time.Sleep(2 * time.Minute)
				say("end")
				<-ctx.Done()
			}
		})
		var took []string
		var opened []time.Duration
		began := time.Now()
		err := channels.SocketLoop{
			Loop: channels.Loop{Log: slog.New(slog.DiscardHandler), Pause: time.Second},
			Open: func(ctx context.Context) (*channels.Socket, error) {
				opened = append(opened, time.Since(began))
				return channels.DialSocket(ctx, c, "ws://platform.test/")
			},
			Take: func(_ context.Context, _ *channels.Socket, message []byte, leave func()) error {
				took = append(took, string(message))
				switch string(message) {
				case "leave":
					leave()
					leave()
				case "end":
					return &channels.SendError{Class: channels.SendRejected}
				}
				return nil
			},
		}.Run(t.Context())
		if channels.AsSendError(err).Class != channels.SendRejected {
			t.Error(err)
		}
		if diff := cmp.Diff([]string{"leave", "hello", "end"}, took); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]time.Duration{0, 0, 11 * time.Second}, opened); diff != "" {
			t.Error(diff)
		}
	})
}

// TestSocketLoopLeaves does not open one socket after another where the platform wants each left at
// once, as when an app has too many.
func TestSocketLoopLeaves(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := serveSocket(t, func(ctx context.Context, conn *websocket.Conn) {
			ctx = conn.CloseRead(ctx) // answers pings
			_ = conn.Write(ctx, websocket.MessageText, []byte("leave"))
			<-ctx.Done()
		})
		opened := 0
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
		defer cancel()
		err := channels.SocketLoop{
			Loop: channels.Loop{Log: slog.New(slog.DiscardHandler), Pause: 3 * time.Second},
			Open: func(ctx context.Context) (*channels.Socket, error) {
				opened++
				return channels.DialSocket(ctx, c, "ws://platform.test/")
			},
			Take: func(_ context.Context, _ *channels.Socket, _ []byte, leave func()) error { leave(); return nil },
		}.Run(ctx)
		if err != nil || opened < 20 || opened > 60 {
			t.Errorf("%d sockets in 10 minutes, %v", opened, err)
		}
	})
}
