package server_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
	"google.golang.org/protobuf/proto"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
	manyvoxv1 "github.com/manyvox/manyvox/gen/manyvox/v1"
	"github.com/manyvox/manyvox/gen/manyvox/v1/manyvoxv1connect"
	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/servicetest"
)

// wire is a client that speaks HTTP/2 frame by frame.
type wire struct {
	*http2.Framer
	t    *testing.T
	conn net.Conn
}

// frames connects, sends the preface and settings, and reads the server's settings.
func frames(t *testing.T, h *servicetest.Running, settings ...http2.Setting) (*wire, *http2.SettingsFrame) {
	t.Helper()
	conn, err := h.Dial(servicetest.Context(t), "tcp", h.Addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	w := &wire{http2.NewFramer(conn, conn), t, conn}
	w.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
	if err := conn.SetDeadline(time.Now().Add(servicetest.Timeout)); err != nil {
		t.Fatal(err)
	}
	_, err = io.WriteString(conn, http2.ClientPreface)
	w.must(err)
	w.must(w.WriteSettings(settings...))
	first, err := w.ReadFrame()
	w.must(err)
	server, ok := first.(*http2.SettingsFrame)
	if !ok || server.IsAck() {
		t.Fatalf("the first frame is %v, not the server's SETTINGS", first)
	}
	w.must(w.WriteSettingsAck())
	return w, server
}

func (w *wire) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// next reads frames up to one that is wanted. It answers pings on the way.
func (w *wire) next(what string, wanted func(http2.Frame) bool) http2.Frame {
	w.t.Helper()
	for {
		f, err := w.ReadFrame()
		if err != nil {
			w.t.Fatalf("waiting for %s: %v", what, err)
		}
		if wanted(f) {
			return f
		}
		if p, ok := f.(*http2.PingFrame); ok && !p.IsAck() {
			w.must(w.WritePing(true, p.Data))
		}
	}
}

func typed[F http2.Frame](f http2.Frame) bool { _, ok := f.(F); return ok }

// begin opens a stream with the headers of a POST.
func (w *wire) begin(stream uint32, path, contentType string) {
	w.t.Helper()
	var block bytes.Buffer
	encoder := hpack.NewEncoder(&block)
	for _, f := range []hpack.HeaderField{
		{Name: ":method", Value: "POST"}, {Name: ":scheme", Value: "http"}, {Name: ":path", Value: path},
		{Name: ":authority", Value: "localhost"}, {Name: "content-type", Value: contentType}, {Name: "te", Value: "trailers"},
	} {
		w.must(encoder.WriteField(f))
	}
	w.must(w.WriteHeaders(http2.HeadersFrameParam{StreamID: stream, BlockFragment: block.Bytes(), EndHeaders: true}))
}

// post opens a stream with a whole request.
func (w *wire) post(stream uint32, path, contentType string, body []byte) {
	w.t.Helper()
	w.begin(stream, path, contentType)
	w.must(w.WriteData(stream, true, body))
}

// receive opens stream 1 with a gRPC call of one of ChannelService's methods.
func (w *wire) receive(procedure string) {
	w.t.Helper()
	m, err := proto.Marshal(&manyvoxv1.ReceiveStreamRequest{Sender: "ann", Message: "hello"})
	w.must(err)
	w.post(1, procedure, "application/grpc", append(binary.BigEndian.AppendUint32([]byte{0}, uint32(len(m))), m...))
}

func TestFramesSettings(t *testing.T) {
	t.Parallel()
	h := servicetest.OnLoopback(t, service.Config{Agent: servicetest.UncalledAgent(t)})
	w, server := frames(t, h, http2.Setting{ID: http2.SettingInitialWindowSize, Val: 1 << 16})
	if n, ok := server.Value(http2.SettingMaxConcurrentStreams); !ok || n != 250 {
		t.Errorf("MAX_CONCURRENT_STREAMS is %d, %v", n, ok)
	}
	w.next("the ack of our SETTINGS", func(f http2.Frame) bool {
		s, ok := f.(*http2.SettingsFrame)
		return ok && s.IsAck()
	})
}

func TestFramesPing(t *testing.T) {
	t.Parallel()
	w, _ := frames(t, servicetest.OnLoopback(t, service.Config{Agent: servicetest.UncalledAgent(t)}))
	data := [8]byte{'m', 'a', 'n', 'y', 'v', 'o', 'x', '!'}
	w.must(w.WritePing(false, data))
	pong := w.next("the answer to PING", typed[*http2.PingFrame]).(*http2.PingFrame)
	if !pong.IsAck() || pong.Data != data {
		t.Errorf("PING is answered with %v %q", pong.IsAck(), pong.Data)
	}
}

func TestFramesGoAwayLetsOpenStreamFinish(t *testing.T) {
	t.Parallel()
	agent := servicetest.NewBlockingAgent()
	h := servicetest.OnLoopback(t, service.Config{Channels: servicetest.Channels(t, "rest:\n"), Agent: agent})
	w, _ := frames(t, h)
	w.receive(manyvoxv1connect.ChannelServiceReceiveStreamProcedure)
	servicetest.Await(t, "the turn", agent.Began)
	h.Shutdown()

	away := w.next("GOAWAY", typed[*http2.GoAwayFrame]).(*http2.GoAwayFrame)
	if away.ErrCode != http2.ErrCodeNo || away.LastStreamID < 1 {
		t.Errorf("GOAWAY says %v, last stream %d", away.ErrCode, away.LastStreamID)
	}
	agent.Release <- struct{}{}
	reply := w.next("the reply", typed[*http2.DataFrame]).(*http2.DataFrame)
	if !bytes.Contains(reply.Data(), []byte("hello")) {
		t.Errorf("the reply is %q", reply.Data())
	}
	trailers := w.next("the trailers", typed[*http2.MetaHeadersFrame]).(*http2.MetaHeadersFrame)
	if !trailers.StreamEnded() || field(trailers, "grpc-status") != "0" {
		t.Errorf("the stream ends with %v", trailers.Fields)
	}
	if err := servicetest.Await(t, "the end of Serve", h.Served); err != nil {
		t.Error(err)
	}
}

func field(f *http2.MetaHeadersFrame, name string) string {
	for _, h := range f.Fields {
		if h.Name == name {
			return h.Value
		}
	}
	return ""
}

func TestFramesResetCancelsTheTurn(t *testing.T) {
	t.Parallel()
	const webhook, stream, call = "/webhooks/rest/webhook", manyvoxv1connect.ChannelServiceReceiveStreamProcedure,
		manyvoxv1connect.ChannelServiceReceiveProcedure
	patient := func(ctx context.Context, _ channels.Replier) error { <-ctx.Done(); return ctx.Err() }
	for _, c := range []struct {
		name, path string
		goOn       func(ctx context.Context, r channels.Replier) error // the agent, once it has begun
	}{
		{"gRPC stream", stream, patient},
		{"gRPC stream, an agent with its own error", stream, func(ctx context.Context, _ channels.Replier) error {
			<-ctx.Done()
			return errors.New("upstream: connection closed")
		}},
		{"gRPC stream, an agent that goes on talking", stream, func(_ context.Context, r channels.Replier) (err error) {
			for err == nil { // with a ctx of its own, so that only the stream can stop it
				err = r.Reply(context.Background(), channels.Reply{Text: strings.Repeat("bla", 1000)})
			}
			return err
		}},
		{"gRPC", call, patient},
		{"legacy", webhook, patient},
		{"legacy stream", webhook + "?stream=true", patient},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			began := make(chan struct{})
			h := servicetest.OnLoopback(t, service.Config{
				Channels: servicetest.Channels(t, "rest:\n"), OperatorToken: "operator",
				Agent: agents.Func(func(ctx context.Context, _ agents.Turn, r channels.Replier) error {
					close(began)
					return c.goOn(ctx, r)
				}),
			})
			w, _ := frames(t, h)
			if strings.HasPrefix(c.path, webhook) {
				w.post(1, c.path, "application/json", []byte(`{"message":"hello"}`))
			} else {
				w.receive(c.path)
			}
			servicetest.Await(t, "the turn", began)
			w.must(w.WriteRSTStream(1, http2.ErrCodeCancel))

			line := h.Log.Await(t, `"msg":"turn failed"`)
			if !strings.Contains(line, `"level":"DEBUG"`) || !strings.Contains(line, `"code":"canceled"`) {
				t.Errorf("the turn's end is logged as %s", line)
			}
			if e := h.LastError(t, "operator", "rest"); e != nil {
				t.Errorf("the last error is %v, want none", e)
			}
		})
	}
}
