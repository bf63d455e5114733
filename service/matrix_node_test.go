package service_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"google.golang.org/protobuf/encoding/protojson"

	manyvoxv1 "github.com/manyvox/manyvox/gen/manyvox/v1"
	"github.com/manyvox/manyvox/service/servicetest"
)

// node is a Node process that runs examples/typescript/matrix.ts, whose interfaces
// describe the lines it is sent and answers with. All rows of the matrix share one.
type node struct {
	// missing says why there is no process, "" when there is one.
	missing string
	stdin   io.WriteCloser

	mu    sync.Mutex
	calls map[int]chan nodeResult
	last  int
}

type nodeCommand struct {
	ID        int             `json:"id"`
	Cancel    bool            `json:"cancel,omitempty"`
	URL       string          `json:"url,omitempty"`
	Protocol  string          `json:"protocol,omitempty"`
	Stream    bool            `json:"stream,omitempty"`
	Token     string          `json:"token,omitempty"`
	TimeoutMS int64           `json:"timeoutMs,omitempty"`
	Request   json.RawMessage `json:"request,omitempty"`
}

type nodeResult struct {
	ID       int             `json:"id"`
	Event    json.RawMessage `json:"event"`
	Response json.RawMessage `json:"response"`
	Error    *nodeError      `json:"error"`
	Done     bool            `json:"done"`
}

type nodeError struct {
	Code       uint32          `json:"code"`
	Message    string          `json:"message"`
	RetryAfter string          `json:"retryAfter"`
	Partial    json.RawMessage `json:"partial"`
}

const typescript = "../examples/typescript"

// startNode bundles the program and runs it until the test ends.
func startNode(t *testing.T) *node {
	t.Helper()
	esbuild := filepath.Join(typescript, "node_modules", ".bin", "esbuild")
	if _, err := exec.LookPath("node"); err != nil {
		return &node{missing: "no node on this machine"}
	}
	if _, err := os.Stat(esbuild); err != nil {
		return &node{missing: "no " + esbuild + ": run npm ci in " + typescript}
	}
	source := filepath.Join(typescript, "matrix.ts")
	if _, err := os.Stat(source); err != nil { // also makes go test run again when it changes
		t.Fatal(err)
	}
	bundle := filepath.Join(t.TempDir(), "matrix.mjs")
	build := exec.Command(esbuild, source, "--bundle", "--platform=node", "--format=esm", "--log-level=warning", "--outfile="+bundle)
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("esbuild: %v\n%s", err, out)
	}
	return runNode(t, bundle)
}

func runNode(t *testing.T, bundle string) *node {
	t.Helper()
	cmd := exec.Command("node", bundle)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	stdin, errIn := cmd.StdinPipe()
	stdout, errOut := cmd.StdoutPipe()
	if err := errors.Join(errIn, errOut, cmd.Start()); err != nil {
		t.Fatal(err)
	}
	n := &node{stdin: stdin, calls: map[int]chan nodeResult{}}
	read := make(chan error, 1)
	go func() { read <- n.read(stdout) }()
	t.Cleanup(func() {
		if err := errors.Join(stdin.Close(), <-read, cmd.Wait()); err != nil {
			t.Errorf("node: %v\n%s", err, &stderr)
		}
	})
	return n
}

// read hands each result to its call until the process ends.
func (n *node) read(stdout io.Reader) error {
	results := json.NewDecoder(stdout)
	for {
		var r nodeResult
		if err := results.Decode(&r); errors.Is(err, io.EOF) {
			return n.hangUp(nil)
		} else if err != nil {
			return n.hangUp(err)
		}
		n.mu.Lock()
		c, ok := n.calls[r.ID]
		n.mu.Unlock()
		if ok {
			c <- r
		}
	}
}

// hangUp ends the calls that will get no result any more.
func (n *node) hangUp(err error) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, c := range n.calls {
		close(c)
	}
	return err
}

// begin sends a call and returns its number and where its results arrive.
func (n *node) begin(c nodeCommand) (int, <-chan nodeResult, error) {
	results := make(chan nodeResult, 16)
	n.mu.Lock()
	n.last++
	c.ID = n.last
	n.calls[c.ID] = results
	n.mu.Unlock()
	return c.ID, results, n.send(c)
}

func (n *node) end(id int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.calls, id)
}

func (n *node) send(c nodeCommand) error {
	line, err := json.Marshal(c)
	if err != nil {
		return err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	_, err = n.stdin.Write(append(line, '\n'))
	return err
}

// nodeCaller speaks Connect or gRPC-Web by @connectrpc/connect-web.
type nodeCaller struct {
	node          *node
	url, protocol string
}

func (n *node) dial(protocol string) func(*testing.T, *servicetest.Running) caller {
	return func(_ *testing.T, h *servicetest.Running) caller { return &nodeCaller{n, h.URL, protocol} }
}

func (c *nodeCaller) call(ctx context.Context, m call, show func(event)) result {
	command, err := c.command(ctx, m)
	if err != nil {
		return result{failure: &failure{message: err.Error()}}
	}
	id, results, err := c.node.begin(command)
	defer c.node.end(id)
	if err != nil {
		return result{failure: &failure{message: err.Error()}}
	}
	stop := context.AfterFunc(ctx, func() {
		if errors.Is(ctx.Err(), context.Canceled) { // deadlines it keeps by itself
			_ = c.node.send(nodeCommand{ID: id, Cancel: true})
		}
	})
	defer stop()
	var r result
	for line := range results {
		if err := r.add(line, show); err != nil {
			return result{failure: &failure{message: err.Error()}}
		}
		if line.Done {
			return r
		}
	}
	return result{failure: &failure{message: "node has ended"}}
}

func (c *nodeCaller) command(ctx context.Context, m call) (nodeCommand, error) {
	command := nodeCommand{URL: c.url, Protocol: c.protocol, Stream: m.stream, Token: m.token}
	if deadline, ok := ctx.Deadline(); ok {
		command.TimeoutMS = max(1, time.Until(deadline).Milliseconds()) // 0 would be none
	}
	req, err := m.request()
	if err != nil {
		return command, err
	}
	command.Request, err = protojson.Marshal(req) // ReceiveStreamRequest has the same JSON
	return command, err
}

// add takes in one line.
func (r *result) add(line nodeResult, show func(event)) error {
	if line.Event != nil {
		res := &manyvoxv1.ReceiveStreamResponse{}
		if err := protojson.Unmarshal(line.Event, res); err != nil {
			return err
		}
		e, shows := eventOf(res)
		if !shows {
			return nil
		}
		r.events = append(r.events, e)
		show(e)
	}
	replies := line.Response
	if e := line.Error; e != nil {
		r.failure = &failure{rpc: e.Code, message: e.Message, retryAfter: e.RetryAfter}
		replies = e.Partial
	}
	if replies == nil {
		return nil
	}
	res := &manyvoxv1.ReceiveResponse{}
	err := protojson.Unmarshal(replies, res)
	r.events = append(r.events, eventsOf(res)...)
	return err
}

var _ caller = (*nodeCaller)(nil)
