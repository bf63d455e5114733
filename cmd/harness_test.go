package cmd_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/agents/echo"
	"github.com/manyvox/manyvox/agents/rasa"
	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/channels/rest"
	"github.com/manyvox/manyvox/cmd"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/memory"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" { // this process is a child of TestCrash
		os.Exit(runChild(dir))
	}
	if os.Getenv(signalledChild) != "" { // this process is a child of TestEdge08_10_Signal
		os.Exit(runSignalled(os.Args[1:]))
	}
	goleak.VerifyTestMain(m)
}

// waitTimeout bounds every wait of a test. Only a test that fails waits so long.
const waitTimeout = time.Minute

// syncBuffer is a buffer that can be read while a program writes to it.
type syncBuffer struct {
	mu   sync.Mutex
	text strings.Builder
	// grown is closed at the next write, nil when nobody waits.
	grown chan struct{}
}

func (c *syncBuffer) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.grown != nil {
		close(c.grown)
		c.grown = nil
	}
	return c.text.Write(p)
}

// await waits until the buffer holds a text.
func (c *syncBuffer) await(t *testing.T, words string) {
	t.Helper()
	limit := time.After(waitTimeout)
	for {
		text, grown := c.read()
		if strings.Contains(text, words) {
			return
		}
		select {
		case <-grown:
		case <-limit:
			t.Fatalf("no %q in %s", words, c)
		}
	}
}

func (c *syncBuffer) read() (string, <-chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.grown == nil {
		c.grown = make(chan struct{})
	}
	return c.text.String(), c.grown
}

func (c *syncBuffer) String() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.text.String()
}

// program is the command line with its own ends of both outputs.
type program struct {
	cmd.Program
	out, err *syncBuffer
}

func newProgram() *program {
	p := &program{out: &syncBuffer{}, err: &syncBuffer{}}
	p.Program = cmd.Program{
		Channels: []channels.Type{rest.Type()}, Agents: []agents.Type{echo.Type(), rasa.Type()},
		Stores: []journal.Type{memoryStore()}, Stdout: p.out, Stderr: p.err,
	}
	return p
}

// running is a program that serves.
type running struct {
	*program
	t    *testing.T
	addr string
	// dataDir has the operator's token.
	dataDir string
	http    *http.Client
	stop    context.CancelFunc
	code    chan int
}

// start runs the program with args until it listens; it is stopped with the test.
func start(t *testing.T, args ...string) *running {
	t.Helper()
	return newProgram().start(t, args...)
}

func (p *program) start(t *testing.T, args ...string) *running {
	t.Helper()
	r := &running{program: p, t: t, http: &http.Client{Transport: &http.Transport{}}, code: make(chan int, 1)}
	if i := slices.Index(args, "--data-dir"); i >= 0 {
		r.dataDir = args[i+1]
	} else {
		r.dataDir = t.TempDir()
		args = append(args, "--data-dir", r.dataDir)
	}
	listening := make(chan net.Addr, 1)
	r.Listening = func(a net.Addr) { listening <- a }
	ctx, stop := context.WithCancel(context.Background())
	r.stop = stop
	go func() { r.code <- r.Run(ctx, append([]string{"run"}, args...)); close(r.code) }()
	t.Cleanup(func() { r.http.CloseIdleConnections(); stop(); <-r.code })
	select {
	case a := <-listening:
		r.addr = a.String()
	case code := <-r.code:
		t.Fatalf("exit code %d: %s", code, r.err)
	case <-time.After(waitTimeout):
		t.Fatalf("it does not listen: %s", r.err)
	}
	return r
}

// end stops the program and returns its exit code.
func (r *running) end() int {
	r.http.CloseIdleConnections()
	r.stop()
	return <-r.code
}

// post sends a message to the rest channel; headers come in pairs.
func (r *running) post(query, body string, headers ...string) (*http.Response, string) {
	r.t.Helper()
	req, err := http.NewRequestWithContext(r.t.Context(), http.MethodPost, "http://"+r.addr+"/webhooks/rest/webhook"+query, strings.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := r.http.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	return res, string(b)
}

// do returns status and body of the answer.
func (r *running) do(req *http.Request) (status int, body string) {
	r.t.Helper()
	res, err := r.http.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	return res.StatusCode, string(b)
}

// write makes a file of the test's own and returns its path.
func write(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// localFlags returns the flags of a program on loopback with files of its own.
func localFlags(t *testing.T, credentials, endpoints string, args ...string) []string {
	t.Helper()
	return append([]string{
		"--port", "0", "--interface", "127.0.0.1",
		"--credentials", write(t, "credentials.yml", credentials), "--endpoints", write(t, "endpoints.yml", endpoints),
	}, args...)
}

const echoes = "agent: {type: echo}\n"

// memoryStore is the store of a program where the test is about something else.
func memoryStore() journal.Type {
	return journal.Type{Name: "memory", New: func() journal.Config { return &memoryConfig{} }}
}

type memoryConfig struct{}

func (*memoryConfig) Validate() error { return nil }

func (*memoryConfig) Open(context.Context, journal.Env) (journal.Journal, error) {
	return memory.Open(), nil
}
