package clients_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/manyvox/manyvox/agents"
	channels "github.com/manyvox/manyvox/channels/builtin"
	"github.com/manyvox/manyvox/cmd"
	"github.com/manyvox/manyvox/cmd/cmdtest"
	manyvoxv1 "github.com/manyvox/manyvox/gen/manyvox/v1"
	"github.com/manyvox/manyvox/gen/manyvox/v1/manyvoxv1connect"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/memory"
)

const (
	// token is that of the program.
	token = "open-sesame"
	// childVariable makes a process the program of startChild.
	childVariable = "MANYVOX_CLIENTS_CHILD"
)

// TestMain is the program where startChild says so.
func TestMain(m *testing.M) {
	if os.Getenv(childVariable) == "" {
		os.Exit(m.Run())
	}
	a := newAgent()
	p := program(a)
	p.Stdout, p.Stderr = os.Stderr, os.Stderr
	p.Listening = func(at net.Addr) { fmt.Println(at) }
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		close(a.release)
	}()
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		panic(err)
	}
	endpoints := filepath.Join(dir, "endpoints.yml")
	if err := os.WriteFile(endpoints, []byte("agent: {type: counted}\n"), 0o600); err != nil {
		panic(err)
	}
	code := p.Main([]string{
		"run", "--interface", "127.0.0.1", "--port", "0", "--auth-token", token, "--endpoints", endpoints, "--data-dir", dir,
	})
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

func program(a *agent) cmd.Program {
	return cmd.Program{Channels: channels.Types(), Agents: []agents.Type{a.agentType()}, Stores: []journal.Type{memory.Type()}}
}

// server is Manyvox with the counting agent, behind a proxy.
type server struct {
	*agent
	*proxy
	url string
}

// start runs Manyvox until the test ends.
func start(t *testing.T) *server {
	t.Helper()
	a := newAgent()
	url := cmdtest.Start(t, program(a), "rest:", "agent: {type: counted}", "--auth-token", token, "--quiet")
	return &server{agent: a, proxy: newProxy(t, strings.TrimPrefix(url, "http://")), url: url}
}

// conversations is the operator's client of the program.
func (s *server) conversations() manyvoxv1connect.ConversationServiceClient {
	return manyvoxv1connect.NewConversationServiceClient(bearer{}, s.url)
}

// bearer sends the token.
type bearer struct{}

// Do sends a request with the token.
func (bearer) Do(r *http.Request) (*http.Response, error) {
	r.Header.Set("Authorization", "Bearer "+token)
	return http.DefaultClient.Do(r)
}

// say has a user write something, and the assistant repeat it.
func (s *server) say(ctx context.Context, sender, text string) error {
	_, err := manyvoxv1connect.NewChannelServiceClient(bearer{}, s.url).Receive(ctx, &manyvoxv1.ReceiveRequest{Sender: sender, Message: text})
	return err
}

// push says something to a user that was not asked for.
func (s *server) push(ctx context.Context, sender, text string) error {
	_, err := s.conversations().Send(ctx, &manyvoxv1.SendRequest{Channel: "rest", Sender: sender, Reply: &manyvoxv1.Reply{Text: &text}})
	return err
}

// child is Manyvox as a process of its own, which can be sent a signal.
type child struct {
	address string
	process *exec.Cmd
	release io.Closer
}

// startChild runs it until the test ends.
func startChild(t *testing.T) *child {
	t.Helper()
	c := exec.Command(os.Args[0])
	c.Env = append(os.Environ(), childVariable+"=1")
	c.Stderr = t.Output()
	in, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Process.Kill(); _ = c.Wait() })
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("the child does not start: %v", err)
	}
	return &child{strings.TrimSpace(line), c, in}
}

// terminate sends SIGTERM, waits until the program refuses calls, and lets the turns go on.
func (c *child) terminate(ctx context.Context) error {
	if err := c.process.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+c.address+"/readyz", nil)
		if err != nil {
			return err
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			break // it takes no connections any more
		}
		_ = res.Body.Close()
		if res.StatusCode != http.StatusOK {
			break
		}
	}
	return c.release.Close()
}
