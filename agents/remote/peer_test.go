package remote_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"

	"connectrpc.com/connect"
	"go.uber.org/goleak"
	"google.golang.org/protobuf/proto"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/agents/agenttest"
	"github.com/manyvox/manyvox/agents/remote"
	manyvoxv1 "github.com/manyvox/manyvox/gen/manyvox/v1"
	"github.com/manyvox/manyvox/gen/manyvox/v1/manyvoxv1connect"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// serverStream is the answer of a service.
type serverStream = connect.ServerStream[manyvoxv1.ReceiveStreamResponse]

// service is a service whose answers are the test's choice.
type service struct {
	manyvoxv1connect.UnimplementedChannelServiceHandler
	answer func(context.Context, *manyvoxv1.ReceiveStreamRequest, *serverStream) error
	stop   func(context.Context, *manyvoxv1.StopRequest)
	health func(context.Context) (*manyvoxv1.HealthResponse, error)
}

func (s *service) Health(ctx context.Context, req *manyvoxv1.HealthRequest) (*manyvoxv1.HealthResponse, error) {
	if s.health == nil {
		return s.UnimplementedChannelServiceHandler.Health(ctx, req)
	}
	return s.health(ctx)
}

func (s *service) ReceiveStream(ctx context.Context, req *manyvoxv1.ReceiveStreamRequest, stream *serverStream) error {
	return s.answer(ctx, req, stream)
}

func (s *service) Stop(ctx context.Context, req *manyvoxv1.StopRequest) (*manyvoxv1.StopResponse, error) {
	if s.stop == nil {
		return s.UnimplementedChannelServiceHandler.Stop(ctx, req)
	}
	s.stop(ctx, req)
	return &manyvoxv1.StopResponse{Stopped: true}, nil
}

type wireKey struct{}

// wire is a request under the service, for what no service would answer.
type wire struct {
	w http.ResponseWriter
	r *http.Request
}

func wireOf(ctx context.Context) wire { return ctx.Value(wireKey{}).(wire) }

// listen serves a service on loopback, over HTTP/1.1 and HTTP/2.
func listen(t *testing.T, s *service) (url string) {
	t.Helper()
	_, handler := manyvoxv1connect.NewChannelServiceHandler(s)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		handler.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), wireKey{}, wire{w, r})))
	}))
	server.Config.Protocols = new(http.Protocols)
	server.Config.Protocols.SetHTTP1(true)
	server.Config.Protocols.SetUnencryptedHTTP2(true)
	server.Start()
	t.Cleanup(server.Close)
	return server.URL
}

// exchange is a turn of a service.
type exchange struct {
	wire
	ctx    context.Context
	req    *manyvoxv1.ReceiveStreamRequest
	stream *serverStream
	id     int
	open   bool // a text is in progress
}

func (x *exchange) Context() context.Context { return x.ctx }
func (x *exchange) Request() string          { return fmt.Sprint(x.r.URL, x.r.Header, x.req) }

func (x *exchange) Attempt() int {
	n, _ := strconv.Atoi(x.r.Header.Get("Manyvox-Attempt"))
	return n
}

// next returns the id of the reply in progress, or the next.
func (x *exchange) next() string {
	if x.id == 0 { // an event of a newer version
		_ = x.stream.Send(&manyvoxv1.ReceiveStreamResponse{})
	}
	if !x.open {
		x.id++
	}
	return strconv.Itoa(x.id)
}

func (x *exchange) Delta(text string) {
	id := x.next()
	x.open = true
	_ = x.stream.Send(deltaOf(id, text))
}

func (x *exchange) give(r *manyvoxv1.Reply) {
	id := x.next()
	x.open = false
	_ = x.stream.Send(replyOf(id, r))
}

func (x *exchange) Reply(text string)  { x.give(&manyvoxv1.Reply{Text: proto.String(text)}) }
func (x *exchange) Custom(text string) { x.give(&manyvoxv1.Reply{CustomJson: text}) }

// Raw writes to the connection past the protocol.
func (x *exchange) Raw(text string) {
	_, _ = io.WriteString(x.w, text)
	_ = http.NewResponseController(x.w).Flush()
	panic(http.ErrAbortHandler) // else Connect would end the stream well
}

func (x *exchange) Refuse(status, seconds int) {
	if seconds > 0 {
		x.w.Header().Set("Retry-After", strconv.Itoa(seconds))
	}
	x.w.Header().Set("Content-Type", "text/html")
	x.w.WriteHeader(status)
	x.Raw(x.Request())
}

func (x *exchange) Cut() { panic(http.ErrAbortHandler) }
func (x *exchange) End() {}

func deltaOf(id, text string) *manyvoxv1.ReceiveStreamResponse {
	return &manyvoxv1.ReceiveStreamResponse{Event: &manyvoxv1.ReceiveStreamResponse_Delta{
		Delta: &manyvoxv1.Delta{ReplyId: id, Text: text},
	}}
}

func replyOf(id string, r *manyvoxv1.Reply) *manyvoxv1.ReceiveStreamResponse {
	return &manyvoxv1.ReceiveStreamResponse{Event: &manyvoxv1.ReceiveStreamResponse_Reply{
		Reply: &manyvoxv1.StreamReply{ReplyId: id, Reply: r},
	}}
}

// peer is a service that is spoken to in a protocol.
func peer(p remote.Protocol) agenttest.Peer {
	return agenttest.Peer{Open: func(t *testing.T, s agenttest.Stage) agents.Agent {
		url := ""
		if s.Answer == nil {
			url = agenttest.ListenHTTP(t, s, nil)
		} else {
			url = listen(t, &service{answer: func(ctx context.Context, req *manyvoxv1.ReceiveStreamRequest, stream *serverStream) error {
				s.Answer(&exchange{wire: wireOf(ctx), ctx: ctx, req: req, stream: stream})
				return nil
			}})
		}
		return open(t, url, func(c *remote.Config) { c.Protocol, c.Token = p, s.Secret })
	}}
}

// open opens an agent, and closes it with the test.
func open(t *testing.T, url string, change func(*remote.Config)) agents.Agent {
	t.Helper()
	c := remote.Type().New().(*remote.Config)
	c.URL = url
	if change != nil {
		change(c)
	}
	if err := c.Validate(); err != nil {
		t.Fatal(err)
	}
	a, err := c.Open(agents.Env{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.(agents.Closer).Close(t.Context()); err != nil {
			t.Error(err)
		}
	})
	return a
}

func protocols() []remote.Protocol {
	return []remote.Protocol{remote.ProtocolConnect, remote.ProtocolGRPC, remote.ProtocolGRPCWeb}
}

func TestContract(t *testing.T) {
	t.Parallel()
	for _, p := range protocols() {
		t.Run(string(p), func(t *testing.T) {
			t.Parallel()
			agenttest.Contract(t, func(t *testing.T) agents.Agent {
				url := listen(t, &service{answer: func(_ context.Context, _ *manyvoxv1.ReceiveStreamRequest, stream *serverStream) error {
					x := &exchange{stream: stream}
					x.Delta("a")
					x.Reply("a")
					x.Reply("b")
					return nil
				}})
				return open(t, url, func(c *remote.Config) { c.Protocol = p })
			}, peer(p))
		})
	}
}

var (
	_ agenttest.Exchange                     = (*exchange)(nil)
	_ manyvoxv1connect.ChannelServiceHandler = (*service)(nil)
)

// answerOf answers a turn, whose replies do not matter.
func answerOf(t *testing.T, a agents.Agent) error {
	t.Helper()
	return a.Answer(t.Context(), agenttest.Turn("ann", "hi"), &agenttest.Recorder{})
}
