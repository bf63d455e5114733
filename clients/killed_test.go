package clients_test

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"connectrpc.com/connect"

	agents "github.com/manyvox/manyvox/agents/builtin"
	channels "github.com/manyvox/manyvox/channels/builtin"
	"github.com/manyvox/manyvox/cmd"
	manyvoxv1 "github.com/manyvox/manyvox/gen/manyvox/v1"
	"github.com/manyvox/manyvox/gen/manyvox/v1/manyvoxv1connect"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/sqlite"
)

// childDir names the variable with the directory of the process to be killed.
const childDir = "MANYVOX_CLIENTS_DIR"

// runChild is the program in a child process. It prints its address once it listens.
func runChild(dir string) int {
	p := cmd.Program{
		Channels: channels.Types(), Agents: agents.Types(), Stores: []journal.Type{sqlite.Type()},
		Stdout: os.Stdout, Stderr: os.Stderr, Listening: func(a net.Addr) { fmt.Println(a) },
	}
	return p.Run(context.Background(), []string{
		"run", "--interface", "127.0.0.1", "--port", "0", "--data-dir", filepath.Join(dir, "data"),
		"--credentials", filepath.Join(dir, "credentials.yml"), "--endpoints", filepath.Join(dir, "endpoints.yml"),
	})
}

// startChild starts a child. Kill ends it at once; the test does at the latest.
func startChild(t *testing.T, dir string) (addr string, kill func()) {
	t.Helper()
	child := exec.CommandContext(t.Context(), os.Args[0])
	child.Env, child.Stderr = append(os.Environ(), childDir+"="+dir), t.Output()
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	killed := false
	kill = func() {
		if !killed {
			killed = true
			_ = child.Process.Kill()
			_ = child.Wait()
		}
	}
	t.Cleanup(kill)
	if addr, err = bufio.NewReader(out).ReadString('\n'); err != nil {
		t.Fatalf("it does not listen: %v", err)
	}
	return strings.TrimSpace(addr), kill
}

// peer is the agent of a child: a server of the test.
type peer struct {
	manyvoxv1connect.UnimplementedChannelServiceHandler
	answer func(context.Context, *manyvoxv1.ReceiveStreamRequest, *connect.ServerStream[manyvoxv1.ReceiveStreamResponse]) error
}

// ReceiveStream answers.
func (p peer) ReceiveStream(
	ctx context.Context, req *manyvoxv1.ReceiveStreamRequest, stream *connect.ServerStream[manyvoxv1.ReceiveStreamResponse],
) error {
	return p.answer(ctx, req, stream)
}

// serve serves a ChannelService of the test, also over HTTP/2 without TLS.
func serve(t *testing.T, service manyvoxv1connect.ChannelServiceHandler) (url string) {
	t.Helper()
	mux := http.NewServeMux()
	mux.Handle(manyvoxv1connect.NewChannelServiceHandler(service))
	server := httptest.NewUnstartedServer(mux)
	server.Config.Protocols = new(http.Protocols)
	server.Config.Protocols.SetHTTP1(true)
	server.Config.Protocols.SetUnencryptedHTTP2(true)
	server.Start()
	t.Cleanup(server.Close)
	return server.URL
}

func reply(text string) *manyvoxv1.ReceiveStreamResponse {
	return &manyvoxv1.ReceiveStreamResponse{Event: &manyvoxv1.ReceiveStreamResponse_Reply{
		Reply: &manyvoxv1.StreamReply{ReplyId: "1", Reply: &manyvoxv1.Reply{Text: &text}},
	}}
}

// checkKilled kills the program in the middle of a turn that has shown nothing, and starts it
// again: the turn is run anew. One that has shown something is not.
func checkKilled(t *testing.T, c client) {
	for _, test := range []struct {
		name, method string
		shows        bool
		before, then []string
		turns        int
	}{
		{"receive", "receive", false, nil, []string{"replies answer 2", "done"}, 2},
		{"stream", "stream", false, nil, []string{"reply 1 answer 2", "done"}, 2},
		{"stream that has shown something", "stream", true, []string{"reply 1 answer 1"}, []string{"error 10 TURN_ABORTED 0"}, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var turns asked
			begun := make(chan struct{}, 1)
			agent := serve(t, peer{answer: func(
				ctx context.Context, req *manyvoxv1.ReceiveStreamRequest, stream *connect.ServerStream[manyvoxv1.ReceiveStreamResponse],
			) error {
				turn := turns.add(req.GetMessageId())
				if turn > 1 || test.shows {
					if err := stream.Send(reply(fmt.Sprint("answer ", turn))); err != nil {
						return err
					}
				}
				if turn == 1 {
					begun <- struct{}{}
					<-ctx.Done()
				}
				return nil
			}})
			dir := t.TempDir()
			write(t, filepath.Join(dir, "credentials.yml"), credentials)
			write(t, filepath.Join(dir, "endpoints.yml"), "agent: {type: remote, url: '"+agent+"'}")
			addr, kill := startChild(t, dir)
			n := newNetwork(t, addr)
			made := c.call(t, n.url(), test.method, `{"sender": "ann", "message": "hi"}`)
			made.expect(test.before...)
			await(t, begun)
			n.cut()
			kill()
			addr, _ = startChild(t, dir)
			n.mend(addr)
			made.expectEnd(test.then...)
			turns.check(t, test.turns)
		})
	}
}
