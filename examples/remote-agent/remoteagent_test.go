// Package remoteagent_test runs the agents in Python and TypeScript behind a real program, and one
// program behind another.
package remoteagent_test

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	agents "github.com/manyvox/manyvox/agents/builtin"
	channels "github.com/manyvox/manyvox/channels/builtin"
	"github.com/manyvox/manyvox/cmd"
	"github.com/manyvox/manyvox/cmd/cmdtest"
	manyvoxv1 "github.com/manyvox/manyvox/gen/manyvox/v1"
	"github.com/manyvox/manyvox/gen/manyvox/v1/manyvoxv1connect"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/memory"
)

// program is Manyvox as it is built.
func program() cmd.Program {
	return cmd.Program{Channels: channels.Types(), Agents: agents.Types(), Stores: []journal.Type{memory.Type()}}
}

// serve runs Manyvox with an agent until the test ends.
func serve(t *testing.T, agent string) (url string) {
	t.Helper()
	return cmdtest.Start(t, program(), "rest: {token: open-sesame}", "agent: "+agent)
}

// post sends a message to the rest channel, and returns the status and the body.
func post(t *testing.T, url, body string) (status int, answer string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/webhooks/rest/webhook?token=open-sesame", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(text)
}

// metadata is what a caller sends, and its object comes back value for value.
const metadata = `{"page":"/start","user":{"id":9007199254740993,"tags":["<a>",1.0,null]}}`

// TestAgents has each of the agents answer a message with metadata.
func TestAgents(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, protocol string
		start          func(*testing.T) (port string)
	}{
		{"Python", "grpc", python},
		{"TypeScript", "connect", typescript},
		{"TypeScript", "grpcweb", typescript},
	} {
		t.Run(c.name+" "+c.protocol, func(t *testing.T) {
			t.Parallel()
			url := serve(t, "{type: remote, url: 'http://127.0.0.1:"+c.start(t)+"', protocol: "+c.protocol+"}")
			status, answer := post(t, url, `{"sender":"ann","message":"good morning","metadata":`+metadata+`}`)
			want := `[{"recipient_id":"ann","text":"You said good morning"},{"recipient_id":"ann","custom":` + metadata + `}]`
			if diff := cmp.Diff(want, strings.TrimSpace(answer)); diff != "" || status != http.StatusOK {
				t.Errorf("status %d, -want +got:\n%s", status, diff)
			}
			deltas, replies := stream(t, url, "hello")
			if diff := cmp.Diff([]string{"You", " said", " hello", "You said hello"}, append(deltas, replies...)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// client is a caller of the typed API.
func client(url string) manyvoxv1connect.ChannelServiceClient {
	return manyvoxv1connect.NewChannelServiceClient(bearer{}, url)
}

// bearer shows the token of the channel.
type bearer struct{}

// Do sends a request.
func (bearer) Do(req *http.Request) (*http.Response, error) {
	req.Header.Set("Authorization", "Bearer open-sesame")
	return http.DefaultClient.Do(req)
}

func stream(t *testing.T, url, message string) (deltas, replies []string) {
	t.Helper()
	s, err := client(url).ReceiveStream(t.Context(), &manyvoxv1.ReceiveStreamRequest{Sender: "ann", Message: message})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for s.Receive() {
		if d := s.Msg().GetDelta(); d != nil {
			deltas = append(deltas, d.GetText())
		}
		if r := s.Msg().GetReply(); r != nil {
			replies = append(replies, r.GetReply().GetText())
		}
	}
	if err := s.Err(); err != nil {
		t.Fatal(err)
	}
	return deltas, replies
}

// TestTwo has one Manyvox stand behind another, in each protocol.
func TestTwo(t *testing.T) {
	t.Parallel()
	for _, protocol := range []string{"connect", "grpc", "grpcweb"} {
		t.Run(protocol, func(t *testing.T) {
			t.Parallel()
			back := serve(t, "{type: echo, pause: 1ms}")
			front := serve(t, "{type: remote, url: '"+back+"', protocol: "+protocol+", token: open-sesame}")
			for _, message := range []string{"hi", "/buttons", "/custom", "/attachment", "/quick", "/paragraphs", "/image", "/stream 3", "/silent", "/meta", "/elements"} {
				body := `{"sender":"ann","message":"` + message + `","metadata":` + metadata + `}`
				_, want := post(t, back, body)
				status, got := post(t, front, body)
				if diff := cmp.Diff(want, got); diff != "" || status != http.StatusOK {
					t.Errorf("%s: status %d, alone and behind another:\n%s", message, status, diff)
				}
			}
			deltas, replies := stream(t, front, "/stream 2")
			if diff := cmp.Diff([]string{"piece 1", " piece 2", "piece 1 piece 2"}, append(deltas, replies...)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if status, answer := post(t, front, `{"message":"/error"}`); status != http.StatusBadGateway || !strings.Contains(answer, `"agent_failed"`) {
				t.Errorf("status %d: %s", status, answer)
			}
			leaves(t, front)
		})
	}
}

// leaves goes away in the middle of a turn, and expects the next message of the conversation to
// be answered: it would wait for 50 s if the turn went on behind.
func leaves(t *testing.T, front string) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	s, err := client(front).ReceiveStream(ctx, &manyvoxv1.ReceiveStreamRequest{Sender: "bob", Message: "/slow 600"})
	if err != nil {
		t.Fatal(err)
	}
	s.Receive() // started
	cancel()
	_ = s.Close()
	late, stop := context.WithTimeout(t.Context(), 2*time.Minute)
	defer stop()
	res, err := client(front).Receive(late, &manyvoxv1.ReceiveRequest{Sender: "bob", Message: "hi"})
	if err != nil || len(res.GetReplies()) != 1 {
		t.Errorf("%v, error %v", res, err)
	}
}

// TestLoop has two programs be each other's agent.
func TestLoop(t *testing.T) {
	t.Parallel()
	target := make(chan *url.URL, 1)
	proxy := httptest.NewServer(&httputil.ReverseProxy{FlushInterval: -1, Rewrite: func(r *httputil.ProxyRequest) {
		u := <-target
		target <- u
		r.SetURL(u)
	}})
	t.Cleanup(proxy.Close)
	second := serve(t, "{type: remote, url: '"+proxy.URL+"', token: open-sesame}")
	first := serve(t, "{type: remote, url: '"+second+"', token: open-sesame}")
	u, err := url.Parse(first)
	if err != nil {
		t.Fatal(err)
	}
	target <- u
	status, answer := post(t, first, `{"sender":"ann","message":"hi"}`)
	var body struct{ Error struct{ Code string } }
	if err := json.Unmarshal([]byte(answer), &body); err != nil || body.Error.Code != "failed_precondition" || status != http.StatusConflict {
		t.Errorf("status %d: %s", status, answer)
	}
}

// python runs agent.py, with the code that it generates from our proto files.
func python(t *testing.T) (port string) {
	t.Helper()
	if out, err := exec.CommandContext(t.Context(), "python3", "-c", "import grpc, grpc_tools").CombinedOutput(); err != nil {
		skip(t, "python3 has no grpcio and grpcio-tools: "+string(out))
	}
	dir := t.TempDir()
	p := program()
	p.Stdout, p.Stderr = t.Output(), t.Output()
	if code := p.Run(t.Context(), []string{"proto", "-o", filepath.Join(dir, "proto")}); code != cmd.ExitOK {
		t.Fatalf("manyvox proto exits with %d", code)
	}
	generate := exec.CommandContext(t.Context(), "python3", "-m", "grpc_tools.protoc", "-I", "proto",
		"--python_out", ".", "--grpc_python_out", ".", "proto/manyvox/v1/channel.proto")
	generate.Dir = dir
	if out, err := generate.CombinedOutput(); err != nil {
		t.Fatalf("protoc: %v\n%s", err, out)
	}
	source, err := filepath.Abs("python/agent.py")
	if err != nil {
		t.Fatal(err)
	}
	agent := exec.CommandContext(t.Context(), "python3", source, "0")
	agent.Env = append(os.Environ(), "PYTHONPATH="+dir+string(os.PathListSeparator)+os.Getenv("PYTHONPATH"), "PYTHONDONTWRITEBYTECODE=1")
	return start(t, agent)
}

// typescript builds and runs agent.ts.
func typescript(t *testing.T) (port string) {
	t.Helper()
	if _, err := exec.LookPath("node"); err != nil {
		skip(t, "no node on this machine")
	}
	if _, err := os.Stat("typescript/node_modules/.bin/esbuild"); err != nil {
		skip(t, "no node_modules: run npm ci in examples/remote-agent/typescript")
	}
	bundle := filepath.Join(t.TempDir(), "agent.mjs")
	build := exec.CommandContext(t.Context(), "node_modules/.bin/esbuild", "agent.ts",
		"--bundle", "--platform=node", "--format=esm", "--log-level=warning", "--outfile="+bundle)
	build.Dir = "typescript"
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("esbuild: %v\n%s", err, out)
	}
	return start(t, exec.CommandContext(t.Context(), "node", bundle, "0"))
}

// TestTypecheck checks agent.ts, which esbuild does not.
func TestTypecheck(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("typescript/node_modules/.bin/tsc"); err != nil {
		skip(t, "no node_modules: run npm ci in examples/remote-agent/typescript")
	}
	check := exec.CommandContext(t.Context(), "npm", "run", "--silent", "typecheck")
	check.Dir = "typescript"
	if out, err := check.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// start starts an agent, which writes where it listens.
func start(t *testing.T, agent *exec.Cmd) (port string) {
	t.Helper()
	agent.Stderr = t.Output()
	stdout, err := agent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := agent.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(stdout)
	line, err := lines.ReadString('\n')
	t.Cleanup(func() {
		_ = agent.Process.Kill()
		_, _ = io.Copy(t.Output(), lines)
		_ = agent.Wait()
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(strings.TrimPrefix(line, "listening on "))
}

// skip skips a test that cannot run here. In CI nothing may be missing.
func skip(t *testing.T, missing string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatal(missing)
	}
	t.Skip(missing)
}
