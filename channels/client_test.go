package channels_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
)

// call posts to address by a client.
func call(ctx context.Context, c *channels.Client, address string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader("part"))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer xoxb-1/2 \"3\"")
	return c.Do(req)
}

// reads answers once it has the whole request.
func reads(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.ReadAll(r.Body); err == nil {
			next(w, r)
		}
	}
}

// hijacks writes text in the place of an answer and closes the connection.
func hijacks(text func(r *http.Request) string) http.HandlerFunc {
	return reads(func(w http.ResponseWriter, r *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		_, _ = io.WriteString(conn, text(r))
		_ = conn.Close()
	})
}

// echo returns what puts the request into format.
func echo(format string) func(*http.Request) string {
	return func(r *http.Request) string {
		return fmt.Sprintf(format, fmt.Sprint(r.RequestURI, r.URL.Query(), r.Header))
	}
}

func platform(t *testing.T, h http.HandlerFunc) string {
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return server.URL
}

func TestClientAnswers(t *testing.T) {
	t.Parallel()
	type got struct {
		Status      int
		Body, Error string
	}
	text := func(s string) http.HandlerFunc { return hijacks(func(*http.Request) string { return s }) }
	for _, c := range []struct {
		name   string
		answer http.HandlerFunc
		want   got
	}{
		{"ok", reads(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.UserAgent()) }), got{200, "manyvox", ""}},
		{"failed", reads(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusBadGateway)
			fmt.Fprint(w, "page")
		}), got{502, "page", ""}},
		{"redirect", reads(func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/other", http.StatusTemporaryRedirect)
		}), got{307, "", ""}},
		{"redirect to nowhere", text("HTTP/1.1 302 Found\r\nLocation: http://%zz/\r\nContent-Length: 0\r\n\r\n"), got{302, "", ""}},
		{"at the limit", reads(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, 1<<20)) }), got{200, string(make([]byte, 1<<20)), ""}},
		{
			"over the limit", reads(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, 1<<20+1)) }),
			got{200, string(make([]byte, 1<<20)), "unknown_after_send: the answer is larger than 1048576 bytes"},
		},
		{
			"breaks off", text("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{\"ok\":"),
			got{200, `{"ok":`, "unknown_after_send: the connection broke, or the answer is not HTTP"},
		},
		{"another protocol", text("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\nx"), got{101, "", ""}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			res, err := call(t.Context(), channels.NewClient(channels.ClientConfig{}), platform(t, c.answer))
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			body, err := io.ReadAll(res.Body)
			g := got{Status: res.StatusCode, Body: string(body)}
			if err != nil {
				g.Error = err.Error()
			}
			if diff := cmp.Diff(c.want, g); diff != "" {
				t.Errorf("-want +got:\n%.2000s", diff)
			}
		})
	}
}

func TestClientKeepsConnection(t *testing.T) {
	t.Parallel()
	var conns atomic.Int32
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			conns.Add(1)
		}
	}
	server.Start()
	defer server.Close()
	c := channels.NewClient(channels.ClientConfig{})
	for range 3 {
		if _, err := call(t.Context(), c, server.URL); err != nil { // the body is left as it is
			t.Fatal(err)
		}
	}
	if n := conns.Load(); n != 1 {
		t.Errorf("%d connections", n)
	}
}

func TestClientFails(t *testing.T) {
	t.Parallel()
	secure := httptest.NewUnstartedServer(http.NotFoundHandler())
	secure.Config.ErrorLog = log.New(io.Discard, "", 0) // of the handshake that fails
	secure.StartTLS()
	t.Cleanup(secure.Close)
	closed := httptest.NewServer(nil)
	closed.Close()
	for _, c := range []struct {
		name    string
		address string
		want    channels.SendClass
		text    string
	}{
		{"refused", closed.URL, channels.SendUnavailable, "connection refused"},
		{"a stranger's certificate", secure.URL, channels.SendUnavailable, "certificate"},
		{"no such host", "http://manyvox.invalid", channels.SendUnavailable, "manyvox.invalid"},
		{"no answer", platform(t, hijacks(func(*http.Request) string { return "" })), channels.SendUnknown, "the connection broke"},
		{"no HTTP", platform(t, hijacks(echo("%s\r\n\r\n"))), channels.SendUnknown, "the connection broke"},
		{"no status", platform(t, hijacks(echo("HTTP/1.1 %s\r\n\r\n"))), channels.SendUnknown, "the connection broke"},
		{"no header", platform(t, hijacks(echo("HTTP/1.1 200 OK\r\n%s\r\n\r\n"))), channels.SendUnknown, "the connection broke"},
		{"no length", platform(t, hijacks(echo("HTTP/1.1 200 OK\r\nContent-Length: %s\r\n\r\n"))), channels.SendUnknown, "the connection broke"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := call(t.Context(), channels.NewClient(channels.ClientConfig{}), c.address+"/bott0ken/x?token=t0ken%26x")
			var e *channels.SendError
			if !errors.As(err, &e) || e.Class != c.want || !strings.Contains(err.Error(), c.text) {
				t.Fatalf("error %v, want %s and %q", err, c.want, c.text)
			}
			for _, secret := range []string{"t0ken", "xoxb-1", `"3`} {
				if strings.Contains(fmt.Sprintf("%v %+v %#v", err, err, e.Err), secret) {
					t.Errorf("%q shows %q", err, secret)
				}
			}
		})
	}
}

// TestClientHTTP2 goes over TLS, with roots of its own, to a server that breaks off
// what it does not know.
func TestClientHTTP2(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(reads(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/known" {
			panic(http.ErrAbortHandler)
		}
		fmt.Fprint(w, r.Proto)
	}))
	server.EnableHTTP2 = true
	server.StartTLS()
	defer server.Close()
	c := channels.NewClient(channels.ClientConfig{RootCAs: server.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs})
	res, err := call(t.Context(), c, server.URL+"/known")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if body, err := io.ReadAll(res.Body); string(body) != "HTTP/2.0" || err != nil {
		t.Errorf("body %q, error %v", body, err)
	}
	if _, err := call(t.Context(), c, server.URL+"/unknown"); channels.AsSendError(err).Class != channels.SendUnknown {
		t.Errorf("error %v", err)
	}
}

// pipeListener is a network in memory, on whose connections a synctest clock may wait.
type pipeListener struct {
	conns  chan net.Conn
	closed chan struct{}
}

func newPipeListener() *pipeListener { return &pipeListener{make(chan net.Conn), make(chan struct{})} }

func (p *pipeListener) Dial(ctx context.Context, _, _ string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	select {
	case p.conns <- theirs:
		return ours, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipeListener) Close() error   { close(p.closed); return nil }
func (p *pipeListener) Addr() net.Addr { return &net.UnixAddr{Name: "pipe"} }

// serve answers on p until the test ends.
func (p *pipeListener) serve(t *testing.T, h http.Handler) {
	server := &http.Server{Handler: h}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(p)
	}()
	t.Cleanup(func() {
		_ = server.Close()
		<-done
	})
}

// TestClientEnds ends a call that hangs, by its own timeout or by its context.
func TestClientEnds(t *testing.T) {
	t.Parallel()
	hangs := reads(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	for _, c := range []struct {
		name    string
		answer  http.HandlerFunc // nil when nobody accepts the connection
		timeout time.Duration
		ctx     time.Duration // 0 for none
		want    string
		class   channels.SendClass // "" for the context's own error
	}{
		{"timeout after sending", hangs, time.Minute, 0, "unknown_after_send: no answer within 1m0s", channels.SendUnknown},
		{"timeout before sending", nil, 5 * time.Second, 0, "unavailable: no answer within 5s", channels.SendUnavailable},
		{"dial timeout", nil, time.Minute, 0, "unavailable: context deadline exceeded", channels.SendUnavailable},
		{"context after sending", hangs, time.Minute, 5 * time.Second, "unknown_after_send: context deadline exceeded", channels.SendUnknown},
		{"context before sending", nil, time.Minute, 5 * time.Second, "context deadline exceeded", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				network := newPipeListener()
				if c.answer != nil {
					network.serve(t, c.answer)
				} else {
					defer network.Close()
				}
				ctx := t.Context()
				if c.ctx > 0 {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, c.ctx)
					defer cancel()
				}
				client := channels.NewClient(channels.ClientConfig{Timeout: c.timeout, Dial: network.Dial})
				_, err := call(ctx, client, "http://platform.test")
				var e *channels.SendError
				switch {
				case err == nil || err.Error() != c.want:
					t.Errorf("error %v, want %q", err, c.want)
				case errors.As(err, &e) && e.Class != c.class, e == nil && !errors.Is(err, context.DeadlineExceeded):
					t.Errorf("error %#v", err)
				}
			})
		})
	}
}

// TestClientEndsSlowBody keeps the status of an answer whose body does not end.
func TestClientEndsSlowBody(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		network := newPipeListener()
		network.serve(t, reads(func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprint(w, "{")
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
		}))
		client := channels.NewClient(channels.ClientConfig{Dial: network.Dial})
		start := time.Now()
		res, err := call(t.Context(), client, "http://platform.test")
		if err != nil || res.StatusCode != http.StatusOK || time.Since(start) != 30*time.Second {
			t.Fatalf("%v %v after %v", res, err, time.Since(start))
		}
		body, err := io.ReadAll(res.Body)
		if string(body) != "{" || channels.AsSendError(err).Class != channels.SendUnknown {
			t.Errorf("body %q, error %v", body, err)
		}
	})
}
