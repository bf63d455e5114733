package server_test

import (
	"context"
	"encoding/binary"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"

	"golang.org/x/net/http2"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
	manyvoxv1 "github.com/manyvox/manyvox/gen/manyvox/v1"
	"github.com/manyvox/manyvox/gen/manyvox/v1/manyvoxv1connect"
	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/server"
	"github.com/manyvox/manyvox/service/servicetest"
)

// TestEdge08_14Frames: an error without a message is one HEADERS frame that ends the stream.
func TestEdge08_14Frames(t *testing.T) {
	t.Parallel()
	refusing := agents.Func(func(context.Context, agents.Turn, channels.Replier) error {
		return agents.NotReached(channels.Errorf(channels.CodeUnavailable, "no"))
	})
	for name, c := range map[string]struct {
		path, contentType, status string
	}{
		"unary":                    {manyvoxv1connect.ChannelServiceReceiveProcedure, "application/grpc", "14"},
		"stream":                   {manyvoxv1connect.ChannelServiceReceiveStreamProcedure, "application/grpc+proto", "14"},
		"without the token":        {manyvoxv1connect.ConversationServiceGetStatusProcedure, "application/grpc", "16"},
		"no such method":           {"/manyvox.v1.ChannelService/Nothing", "application/grpc", "12"},
		"no such service":          {"/manyvox.v1.Nothing/Receive", "application/grpc", "12"},
		"no such method, gRPC-Web": {"/manyvox.v1.ChannelService/Nothing", "application/grpc-web+proto", "12"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := servicetest.OnLoopback(t, service.Config{Channels: servicetest.Channels(t, "rest:\n"), Agent: refusing, OperatorToken: "0perator"})
			w, _ := frames(t, h)
			w.post(1, c.path, c.contentType, grpcMessage(t, &manyvoxv1.ReceiveRequest{Message: "hi"}))
			answer := w.next("the answer", typed[*http2.MetaHeadersFrame]).(*http2.MetaHeadersFrame)
			if !answer.StreamEnded() || field(answer, ":status") != "200" || field(answer, "grpc-status") != c.status {
				t.Errorf("ended: %v, %v", answer.StreamEnded(), answer.Fields)
			}
		})
	}
}

// A call whose compression is refused names no compression of its answer.
func TestEdge08_14Compression(t *testing.T) {
	t.Parallel()
	h := servicetest.OnLoopback(t, service.Config{Channels: servicetest.Channels(t, "rest:\n"), Agent: servicetest.UncalledAgent(t)})
	req, err := http.NewRequestWithContext(servicetest.Context(t), http.MethodPost, h.URL+manyvoxv1connect.ChannelServiceReceiveProcedure, strings.NewReader("\x01\x00\x00\x00\x00"))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/grpc")
	req.Header.Set("Grpc-Encoding", "br")
	res, err := h.HTTP2.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if encoding, named := res.Header["Grpc-Encoding"]; named || res.Header.Get("Grpc-Status") != "12" {
		t.Errorf("encoding %q, %v", encoding, res.Header)
	}
}

// Unknown methods are answered in the protocol of the call; other routes as webhooks are.
func TestEdge08_14Unknown(t *testing.T) {
	t.Parallel()
	h := servicetest.OnLoopback(t, service.Config{Channels: servicetest.Channels(t, "rest:\n"), Agent: servicetest.UncalledAgent(t)})
	for _, c := range []struct{ path, contentType, want string }{
		{"/manyvox.v1.ChannelService/Nothing", "application/json", `{"code":"unimplemented","message":"no method /manyvox.v1.ChannelService/Nothing"}`},
		{"/manyvox.v1.Nothing/Receive", "application/proto", `{"code":"unimplemented","message":"no method /manyvox.v1.Nothing/Receive"}`},
		{"/nothing/here", "application/json", `{"error":{"code":"not_found","message":"no route POST /nothing/here"}}`},
		{"/site.js/Map", "application/json", `{"error":{"code":"not_found","message":"no route POST /site.js/Map"}}`},
	} {
		req, err := http.NewRequestWithContext(servicetest.Context(t), http.MethodPost, h.URL+c.path, strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", c.contentType)
		if status, got := servicetest.Do(t, h.HTTP1, req); strings.TrimSpace(got) != c.want || status != http.StatusNotFound {
			t.Errorf("%s, %s: %d %s, want 404 %s", c.path, c.contentType, status, got, c.want)
		}
	}
}

// TestTrailersOnlyMetadata: headers that a call has set itself stay headers, and its status is
// then a trailer, since clients take all that comes with a Trailers-Only answer for trailers.
func TestTrailersOnlyMetadata(t *testing.T) {
	t.Parallel()
	for own, want := range map[string]string{"": "header", "X-Own": "trailer"} {
		h := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/grpc")
			w.Header().Set(http.TrailerPrefix+"Grpc-Status", "5")
			if own != "" {
				w.Header().Set(own, "1")
			}
		})
		port := server.NewPort(server.Config{RPC: map[string]http.Handler{"/a.Service/Method": h}, Metrics: h})
		port.Serve(nil)
		s := httptest.NewUnstartedServer(nil)
		s.Config = server.New(servicetest.Context(t), port, 0, slog.New(slog.DiscardHandler))
		s.Start()
		t.Cleanup(s.Close)
		req, err := http.NewRequestWithContext(servicetest.Context(t), http.MethodPost, s.URL+"/a.Service/Method", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/grpc")
		protocols := new(http.Protocols)
		protocols.SetUnencryptedHTTP2(true)
		res, err := (&http.Client{Transport: &http.Transport{Protocols: protocols}}).Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		if _, err := io.Copy(io.Discard, res.Body); err != nil { // the trailers follow it
			t.Fatal(err)
		}
		got := map[string]http.Header{"header": res.Header, "trailer": res.Trailer}
		if got[want].Get("Grpc-Status") != "5" || own != "" && res.Header.Get(own) == "" {
			t.Errorf("own header %q: want the status as %s: headers %v, trailers %v", own, want, res.Header, res.Trailer)
		}
	}
}

// grpcMessage returns a message with the prefix that gRPC gives it.
func grpcMessage(t *testing.T, m proto.Message) []byte {
	t.Helper()
	data, err := proto.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return append(binary.BigEndian.AppendUint32([]byte{0}, uint32(len(data))), data...)
}

// notYet is an agent that cannot be reached the first times.
func notYet(times int64) agents.Agent {
	var calls atomic.Int64
	return agents.Func(func(ctx context.Context, _ agents.Turn, r channels.Replier) error {
		if calls.Add(1) <= times {
			return agents.NotReached(channels.Errorf(channels.CodeUnavailable, "not yet"))
		}
		return r.Reply(ctx, channels.Reply{Text: "at last"})
	})
}

// retryPolicy is a service config that has clients repeat what the assistant has not seen.
const retryPolicy = `{"methodConfig":[{"name":[{"service":"manyvox.v1.ChannelService"}],"retryPolicy":
	{"maxAttempts":4,"initialBackoff":"0.01s","maxBackoff":"0.1s","backoffMultiplier":2,"retryableStatusCodes":["UNAVAILABLE"]}}]}`

// TestEdge08_14RetryGo: the retry policy of grpc-go acts.
func TestEdge08_14RetryGo(t *testing.T) {
	t.Parallel()
	for times, want := range map[int64]codes.Code{3: codes.OK, 4: codes.Unavailable} {
		h := servicetest.OnLoopback(t, service.Config{Channels: servicetest.Channels(t, "rest:\n"), Agent: notYet(times)})
		conn, err := grpc.NewClient(h.Addr, grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithDefaultServiceConfig(retryPolicy))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
		res := &manyvoxv1.ReceiveResponse{}
		err = conn.Invoke(servicetest.Context(t), manyvoxv1connect.ChannelServiceReceiveProcedure, &manyvoxv1.ReceiveRequest{Message: "hi"}, res)
		if status.Code(err) != want || want == codes.OK && res.GetReplies()[0].GetText() != "at last" {
			t.Errorf("an agent that is not reached %d times: %v, %v", times, res, err)
		}
	}
}

// TestEdge08_14RetryPython: so does that of grpcio.
func TestEdge08_14RetryPython(t *testing.T) {
	t.Parallel()
	if err := exec.CommandContext(t.Context(), "python3", "-c", "import grpc").Run(); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("python3 has no grpcio: %v", err)
		}
		t.Skip("python3 has no grpcio")
	}
	h := servicetest.OnLoopback(t, service.Config{Channels: servicetest.Channels(t, "rest:\n"), Agent: notYet(3)})
	request, err := proto.Marshal(&manyvoxv1.ReceiveRequest{Message: "hi"})
	if err != nil {
		t.Fatal(err)
	}
	c := exec.CommandContext(servicetest.Context(t), "python3", "testdata/retry.py", h.Addr, manyvoxv1connect.ChannelServiceReceiveProcedure, retryPolicy)
	c.Stdin, c.Stderr = strings.NewReader(string(request)), os.Stderr
	answer, err := c.Output()
	if err != nil {
		t.Fatal(err)
	}
	res := &manyvoxv1.ReceiveResponse{}
	if err := proto.Unmarshal(answer, res); err != nil || len(res.GetReplies()) != 1 || res.GetReplies()[0].GetText() != "at last" {
		t.Errorf("%v, %v", res, err)
	}
}
