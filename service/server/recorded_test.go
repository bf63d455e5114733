package server_test

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/instance"
	"github.com/manyvox/manyvox/service/journal/memory"
	"github.com/manyvox/manyvox/service/servicetest"
)

// handling is a channel whose webhook, and whose route /own, are served by a function.
type handling struct {
	serve func(http.ResponseWriter, *http.Request)
}

func (*handling) Validate() error                               { return nil }
func (h *handling) Open(channels.Env) (channels.Channel, error) { return h, nil }
func (h *handling) Inbound(channels.Inbox) http.Handler         { return http.HandlerFunc(h.serve) }
func (h *handling) Mount(channels.Inbox) []channels.Route {
	return []channels.Route{{Pattern: "/own/", Handler: http.HandlerFunc(h.serve)}}
}

// recorded serves a function as a channel, and returns its log.
func recorded(t *testing.T, serve func(http.ResponseWriter, *http.Request)) (*service.Service, *instance.Config) {
	typ := channels.Type{Name: "handling", New: func() channels.Config { return &handling{serve} }}
	list := servicetest.Channels(t, "handling: {open: true}\n", typ)
	return service.New(service.Config{
		Channels: list, Journal: memory.Open(), Agent: servicetest.UncalledAgent(t), OperatorToken: "operator", AuthToken: "t0ken",
		HTTPOptions: service.HTTPOptions{MaxBody: 100},
	}), list[0]
}

func exchanges(in *instance.Config) (lines []string) {
	entries, _ := in.Exchanges.Since(0)
	for _, e := range entries {
		lines = append(lines, strings.TrimSpace(fmt.Sprintf("%s %d %v %d %s", e.Route, e.Status, e.Verdict, e.Bytes, e.Text)))
	}
	return lines
}

func TestRecorded(t *testing.T) {
	t.Parallel()
	drain := func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) }
	for _, c := range []struct {
		name   string
		serve  func(http.ResponseWriter, *http.Request)
		method string
		path   string
		body   io.Reader
		want   []string
	}{
		{"nothing written", drain, "POST", "/webhooks/handling/webhook", strings.NewReader("12345"), []string{"POST /webhook 200 answered 5"}},
		{"a body of no known size", drain, "POST", "/webhooks/handling/x", io.MultiReader(strings.NewReader("123"), strings.NewReader("45")), []string{"POST /x 200 answered 5"}},
		{"a route of its own", drain, "PUT", "/own/events", strings.NewReader("12345"), []string{"PUT /own/events 200 answered 5"}},
		{"no query", drain, "POST", "/webhooks/handling/webhook?key=s3cret", nil, []string{"POST /webhook 200 answered 0"}},
		{"too large", drain, "POST", "/webhooks/handling/webhook", strings.NewReader(strings.Repeat("x", 101)), []string{
			"POST /webhook 413 refused 101 the body is larger than 100 bytes",
		}},
		{"the health route", drain, "GET", "/webhooks/handling", nil, nil},
		{"the health route with a slash", drain, "HEAD", "/webhooks/handling/", nil, nil},
		{"a post to the health route", drain, "POST", "/webhooks/handling", nil, []string{
			"POST / 405 refused 0 method POST: this route tells the channel's health",
		}},
		{"another channel", drain, "POST", "/webhooks/handling2/webhook", nil, nil},
		{"a status alone", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusEarlyHints)
			w.WriteHeader(http.StatusTeapot)
			w.WriteHeader(http.StatusOK)
		}, "POST", "/own/", nil, []string{"POST /own/ 418 refused 0"}},
		{"a stream", func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "a")
			w.(http.Flusher).Flush()
			w.WriteHeader(http.StatusInternalServerError) // too late
		}, "POST", "/own/", nil, []string{"POST /own/ 200 answered 0"}},
		{"a signature", func(w http.ResponseWriter, _ *http.Request) {
			channels.WriteError(w, fmt.Errorf("reading: %w", channels.WrongSignature("signing_secret", "it is 9 minutes old")))
		}, "POST", "/webhooks/handling/webhook", nil, []string{
			"POST /webhook 401 signature_wrong 0 signature does not match signing_secret: it is 9 minutes old",
		}},
		{"through the compressor", func(w http.ResponseWriter, _ *http.Request) {
			channels.WriteError(w, channels.Errorf(channels.CodeRateLimited, "slowly"))
		}, "POST", "/webhooks/handling/webhook", nil, []string{"POST /webhook 429 refused 0 slowly"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s, in := recorded(t, c.serve)
			req := httptest.NewRequest(c.method, c.path, c.body)
			req.Header.Set("Accept-Encoding", "gzip")
			servicetest.Record(s.Handler(), req)
			if diff := cmp.Diff(c.want, exchanges(in)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// A panic of a channel is told, and goes on to net/http.
func TestRecordedPanic(t *testing.T) {
	t.Parallel()
	s, in := recorded(t, func(http.ResponseWriter, *http.Request) { panic("of the channel") })
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic was swallowed")
			}
		}()
		servicetest.Record(s.Handler(), httptest.NewRequest(http.MethodPost, "/own/", nil))
	}()
	if got, want := exchanges(in), []string{"POST /own/ 0 failed 0 the handler has panicked"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// A connection that was taken over is told when that happens: it may last for days.
func TestRecordedHijack(t *testing.T) {
	t.Parallel()
	told, done := make(chan []string, 1), make(chan struct{})
	var in *instance.Config
	s, opened := recorded(t, func(w http.ResponseWriter, _ *http.Request) {
		conn, rw, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		told <- exchanges(in)
		_, _ = rw.WriteString("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n")
		_ = rw.Flush()
		_ = conn.Close()
		close(done)
	})
	in = opened
	server := httptest.NewServer(s.Handler())
	defer server.Close()
	res, err := server.Client().Get(server.URL + "/own/socket")
	if err != nil {
		t.Fatal(err)
	}
	_, _ = bufio.NewReader(res.Body).Peek(1)
	_ = res.Body.Close()
	<-done
	want := []string{"GET /own/socket 101 answered 0"}
	if got := <-told; !slices.Equal(got, want) {
		t.Errorf("while the connection lasts: %q, want %q", got, want)
	}
	server.Close() // waits for the handler
	if got := exchanges(in); !slices.Equal(got, want) {
		t.Errorf("afterwards: %q, want %q", got, want)
	}
}
