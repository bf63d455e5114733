package service_test

import (
	"context"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/servicetest"
)

// protocol is a row of the matrix: one way to call the service.
type protocol struct {
	name string
	can  ability
	// missing says why this machine cannot speak it, "" when it can.
	missing string
	dial    func(t *testing.T, h *servicetest.Running) caller
}

// ability is a set of things that not every client does.
type ability uint

const (
	sendsStruct     ability = 1 << iota // metadata as a google.protobuf.Struct
	sendsDeadline                       // sends its deadline to the server
	sendsGzip                           // compresses its request
	takesGzip                           // takes a compressed collected answer
	takesGzipStream                     // takes a compressed stream
	takesDeltas                         // is shown pieces of text
)

func protocols(n *node) []protocol {
	const full = sendsStruct | sendsDeadline | sendsGzip | takesGzip | takesGzipStream | takesDeltas
	const web = sendsStruct | sendsDeadline | takesDeltas
	return []protocol{
		{name: "Connect JSON over HTTP 1.1", can: full, dial: dialConnect(servicetest.OverHTTP1, jsonCodec()...)},
		{name: "Connect JSON over h2c", can: full, dial: dialConnect(servicetest.OverHTTP2, jsonCodec()...)},
		{name: "Connect proto over HTTP 1.1", can: full, dial: dialConnect(servicetest.OverHTTP1)},
		{name: "Connect proto over h2c", can: full, dial: dialConnect(servicetest.OverHTTP2)},
		{name: "gRPC", can: full, dial: dialGRPC},
		{name: "gRPC-Web over HTTP 1.1", can: full, dial: dialConnect(servicetest.OverHTTP1, grpcWeb()...)},
		{name: "gRPC-Web over h2c", can: full, dial: dialConnect(servicetest.OverHTTP2, grpcWeb()...)},
		{name: "webhook over HTTP 1.1", can: sendsGzip | takesGzip, dial: dialWebhook(servicetest.OverHTTP1)},
		{name: "webhook over h2c", can: sendsGzip | takesGzip, dial: dialWebhook(servicetest.OverHTTP2)},
		{name: "Connect JSON from Node", can: web | takesGzip, missing: n.missing, dial: n.dial("connect-json")},
		{name: "Connect proto from Node", can: web | takesGzip, missing: n.missing, dial: n.dial("connect-proto")},
		{name: "gRPC-Web from Node", can: web, missing: n.missing, dial: n.dial("grpc-web")},
	}
}

// TestMatrix makes the same calls over every protocol, collected and as a stream,
// and expects the same of all.
func TestMatrix(t *testing.T) {
	t.Parallel()
	for _, p := range protocols(startNode(t)) {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			p.needed(t)
			for _, stream := range []bool{false, true} {
				t.Run(manner(stream), func(t *testing.T) {
					t.Parallel()
					for _, c := range matrixCases() {
						p.runCase(t, c, stream)
					}
					t.Run("every code", func(t *testing.T) { t.Parallel(); p.testCodes(t, stream) })
					t.Run("the client goes away", func(t *testing.T) { t.Parallel(); p.testCancel(t, stream) })
				})
			}
			t.Run("each event as it comes", func(t *testing.T) { t.Parallel(); p.testLive(t) })
		})
	}
}

func manner(stream bool) string {
	if stream {
		return "stream"
	}
	return "collected"
}

// needed skips a row that cannot run here. In CI nothing may be missing.
func (p protocol) needed(t *testing.T) {
	t.Helper()
	switch {
	case p.missing == "":
	case os.Getenv("CI") == "true":
		t.Fatal(p.missing)
	default:
		t.Skip(p.missing)
	}
}

// runCase runs one cell of the matrix, unless the protocol cannot do what the case
// is about.
func (p protocol) runCase(t *testing.T, c matrixCase, stream bool) {
	t.Helper()
	needs := c.needs
	if stream {
		needs |= c.streamNeeds
	}
	if needs&^p.can != 0 {
		return
	}
	t.Run(c.name, func(t *testing.T) {
		t.Parallel()
		s := startMatrix(t, c.credentials, c.config)
		ctx := t.Context()
		if c.timeout > 0 {
			var cancel context.CancelFunc
			ctx, cancel = context.WithTimeout(ctx, c.timeout)
			defer cancel()
		}
		c.call.stream = stream
		c.verify(t, s, p.dial(t, s.Running).call(ctx, c.call, func(event) {}))
	})
}

// testCodes has the agent fail with every code there is: each protocol must show
// what channels.Code says of it.
func (p protocol) testCodes(t *testing.T, stream bool) {
	fail := func(_ context.Context, turn agents.Turn, _ channels.Replier) error {
		code, err := strconv.Atoi(turn.Message.Text)
		if err != nil {
			return err
		}
		failed := channels.Errorf(channels.Code(code), "code %d as asked", code)
		if failed.Code == channels.CodeUnavailable { // else callers would take it for a message that was not seen
			return agents.NotReached(failed)
		}
		return failed
	}
	s := startMatrix(t, "rest:", service.Config{Agent: agents.Func(fail)})
	client := p.dial(t, s.Running)
	for code := channels.CodeInternal; code <= channels.CodeCanceled; code++ {
		number := strconv.Itoa(int(code))
		r := client.call(t.Context(), call{stream: stream, Message: channels.Message{Text: number}}, func(event) {})
		if err := r.failure.is(code); err != nil {
			t.Error(err)
		} else if want := "code " + number + " as asked"; r.failure.message != want {
			t.Errorf("code %v: message %q, want %q", code, r.failure.message, want)
		}
	}
}

// verify compares what a call came to with what the case expects.
func (c matrixCase) verify(t *testing.T, s *matrixServer, r result) {
	t.Helper()
	if diff := cmp.Diff(c.replies, r.replies()); diff != "" {
		t.Errorf("replies (-want +got):\n%s", diff)
	}
	switch {
	case c.fails == nil && r.failure != nil:
		t.Errorf("failed: %+v", *r.failure)
	case c.fails != nil:
		c.verifyFailure(t, r.failure)
	}
	if got := s.wire.in.Load(); c.mostIn > 0 && got > c.mostIn {
		t.Errorf("the request took %d bytes on the wire, want at most %d", got, c.mostIn)
	}
	if got := s.wire.out.Load(); c.mostOut > 0 && got > c.mostOut {
		t.Errorf("the answer took %d bytes on the wire, want at most %d", got, c.mostOut)
	}
}

func (c matrixCase) verifyFailure(t *testing.T, f *failure) {
	t.Helper()
	if err := f.is(*c.fails); err != nil {
		t.Error(err)
		return
	}
	if f.retryAfter != c.retryAfter {
		t.Errorf("retry-after %q, want %q", f.retryAfter, c.retryAfter)
	}
	if strings.Contains(f.message, inside) {
		t.Errorf("the message has the inner error: %q", f.message)
	}
}
