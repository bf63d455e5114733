package server_test

import (
	"bytes"
	"log/slog"
	"net"
	"net/http"
	"testing"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"github.com/manyvox/manyvox/service/server"
	"github.com/manyvox/manyvox/service/servicetest"
)

// A client that begins calls and resets them, again and again, is ended before it has taken
// much memory: net/http lets five times as many wait as may be under way.
func TestFloodOfResetsIsEnded(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	stuck := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release })
	s := server.New(t.Context(), stuck, 0, slog.New(slog.DiscardHandler))
	served := make(chan error, 1)
	go func() { served <- s.Serve(l) }()
	defer func() {
		close(release)
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		<-served
	}()

	w, _ := frames(t, &servicetest.Running{Addr: l.Addr().String(), Dial: new(net.Dialer).DialContext})
	done := make(chan struct{})
	go func() {
		defer close(done)
		w.flood(1500)
	}()
	end := w.next("the end of the connection", func(f http2.Frame) bool {
		p, isPing := f.(*http2.PingFrame)
		return typed[*http2.GoAwayFrame](f) || isPing && p.IsAck()
	})
	if goAway, ok := end.(*http2.GoAwayFrame); !ok || goAway.ErrCode != http2.ErrCodeEnhanceYourCalm {
		t.Errorf("all resets are taken; the server says %v", end)
	}
	if err := w.conn.Close(); err != nil { // ends the flood
		t.Error(err)
	}
	<-done
}

// flood begins and resets n calls, and pings, whose answer says that the server took all.
func (w *wire) flood(n int) {
	var request bytes.Buffer
	encoder := hpack.NewEncoder(&request)
	encoder.SetMaxDynamicTableSizeLimit(0) // each call is told by the same bytes
	for _, f := range []hpack.HeaderField{
		{Name: ":method", Value: "POST"}, {Name: ":scheme", Value: "http"}, {Name: ":path", Value: "/"}, {Name: ":authority", Value: "localhost"},
	} {
		_ = encoder.WriteField(f) // a buffer takes all
	}
	for i := range n {
		stream := uint32(2*i + 1)
		if w.WriteHeaders(http2.HeadersFrameParam{StreamID: stream, BlockFragment: request.Bytes(), EndHeaders: true}) != nil {
			return
		}
		if w.WriteRSTStream(stream, http2.ErrCodeCancel) != nil {
			return
		}
	}
	_ = w.WritePing(false, [8]byte{'a', 'l', 'l'}) // the server may have gone
}

// The flag raises what one connection may have under way.
func TestMaxStreams(t *testing.T) {
	t.Parallel()
	for given, want := range map[int]int{0: 250, 7: 7, 10_000: 10_000} {
		s := server.New(t.Context(), http.NotFoundHandler(), given, slog.New(slog.DiscardHandler))
		if got := s.HTTP2.MaxConcurrentStreams; got != want {
			t.Errorf("given %d: %d streams, want %d", given, got, want)
		}
	}
}
