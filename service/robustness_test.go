package service_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
	"golang.org/x/net/http2"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/servicetest"
)

// checkNoLeaks runs an attack on a service. It checks that the service then answers as
// before, and that every goroutine of the attack has ended. It must not run beside other
// tests.
func checkNoLeaks(t *testing.T, c service.Config, attack func(h *servicetest.Running)) {
	t.Helper()
	c.Channels = servicetest.Channels(t, "rest:\n")
	h := servicetest.OnLoopback(t, c)
	h.Get(t, "/healthz") // it runs
	own := append(ownGoroutines(), goleak.IgnoreCurrent())
	attack(h)
	for _, r := range servicetest.Routes() {
		got, err := r.Ask(servicetest.Context(t), h, servicetest.Question{Sender: "afterwards", Text: "hello"})
		if err != nil || !slices.Equal(got.Texts, []string{"hello"}) {
			t.Errorf("afterwards by %s: %+v, %v", r.Name, got, err)
		}
	}
	h.HTTP1.CloseIdleConnections()
	h.HTTP2.CloseIdleConnections()
	var err error
	for range 100 { // each look waits a little by itself
		if err = goleak.Find(own...); err == nil {
			return
		}
	}
	t.Fatal(err)
}

// ownGoroutines ignores those of a service that serves. It answers before all of them run: they
// are no leak.
func ownGoroutines() []goleak.Option {
	return []goleak.Option{
		goleak.IgnoreAnyFunction("github.com/manyvox/manyvox/service/worker.Pool[...].Run.func1"),
		goleak.IgnoreAnyFunction("github.com/manyvox/manyvox/service/worker.Pool[...].Run"),
		goleak.IgnoreAnyFunction("github.com/manyvox/manyvox/service.(*Service).sweep"),
	}
}

// memoryInUse returns how many bytes heap and stacks hold.
func memoryInUse() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse + m.StackInuse
}

//nolint:paralleltest // counts goroutines: no other test may run
func TestRobustnessManyStreams(t *testing.T) {
	const streams = 2000
	agent := &servicetest.BlockingAgent{Began: make(chan string, streams), Release: make(chan struct{})}
	checkNoLeaks(t, service.Config{
		HTTPOptions: service.HTTPOptions{MaxStreams: 10_000}, // all of a protocol share a connection
		Agent: agents.Func(func(ctx context.Context, turn agents.Turn, r channels.Replier) error {
			if turn.Message.Sender == "afterwards" {
				return servicetest.Echo().Answer(ctx, turn, r)
			}
			return agent.Answer(ctx, turn, r)
		}),
	}, func(h *servicetest.Running) {
		ways := slices.DeleteFunc(servicetest.Routes(), func(r servicetest.Route) bool { return !strings.Contains(r.Name, "stream") })
		var callers sync.WaitGroup
		var failed atomic.Int64
		var first atomic.Pointer[string]
		idle := memoryInUse()
		for i := range streams {
			r, text := ways[i%len(ways)], fmt.Sprintf("stream %d", i)
			callers.Go(func() {
				// No deadline: how long this takes depends on what else the machine does.
				got, err := r.Ask(t.Context(), h, servicetest.Question{Sender: text, Text: text})
				if err != nil || !slices.Equal(got.Texts, []string{text}) {
					failed.Add(1)
					failure := fmt.Sprintf("%s: %+v, %v", r.Name, got, err)
					first.CompareAndSwap(nil, &failure)
				}
			})
		}
		for range streams {
			<-agent.Began
		}
		t.Logf("%d streams: %d bytes of heap and stacks each, both ends together", streams, (memoryInUse()-idle)/streams)
		close(agent.Release) // all are open
		callers.Wait()
		if n := failed.Load(); n > 0 {
			t.Errorf("%d of %d streams failed, the first by %s", n, streams, *first.Load())
		}
	})
}

//nolint:paralleltest // counts goroutines: no other test may run
func TestRobustnessJunk(t *testing.T) {
	checkNoLeaks(t, service.Config{Agent: servicetest.Echo()}, func(h *servicetest.Running) {
		random := rand.New(rand.NewPCG(1, 2))
		noise := func(n int) string {
			b := make([]byte, n)
			for i := range b {
				b[i] = byte(random.Uint32())
			}
			return string(b)
		}
		var junk []string
		for range 40 {
			junk = append(junk, noise(1+random.IntN(5000)), http2.ClientPreface+noise(random.IntN(5000)))
		}
		const post = "POST /webhooks/rest/webhook HTTP/1.1\r\nHost: x\r\n"
		junk = append(junk, "",
			"GET", "GET / HTTP/1.1\r\nHo", "GET / HTTP/9.9\r\n\r\n", http2.ClientPreface[:10],
			post+"Content-Length: 100\r\n\r\n{\"message\":", post+"Content-Length: -1\r\n\r\n", post+"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
			post+"X-Huge: "+strings.Repeat("a", 2<<20)+"\r\n\r\n", post+strings.Repeat("X-Many: a\r\n", 200_000)+"\r\n",
			http2.ClientPreface+"\x00\x00\x00\x04\x00\x00\x00\x00\x00"+"\xff\xff\xff\x01\x05\x00\x00\x00\x01", // a frame of 16 MiB
		)
		var senders sync.WaitGroup
		for _, j := range junk {
			senders.Go(func() { sendRaw(t, h, j) })
		}
		senders.Wait()
		if log := h.Log.String(); strings.Contains(log, `"level":"WARN"`) || strings.Contains(log, `"level":"ERROR"`) {
			t.Errorf("the log has a warning or an error: %s", log)
		}
	})
}

// sendRaw sends bytes over a connection of its own and reads until the service closes it.
func sendRaw(t *testing.T, h *servicetest.Running, junk string) {
	conn, err := h.Dial(servicetest.Context(t), "tcp", h.Addr)
	if err != nil {
		t.Error(err)
		return
	}
	defer conn.Close()
	closed := make(chan struct{})
	go func() {
		defer close(closed)
		_, _ = io.Copy(io.Discard, conn) // it may hang up while we send
	}()
	_, _ = io.WriteString(conn, junk)
	if half, ok := conn.(interface{ CloseWrite() error }); ok {
		_ = half.CloseWrite() // it may have hung up
	}
	<-closed
}

//nolint:paralleltest // counts goroutines: no other test may run
func TestRobustnessPanic(t *testing.T) {
	checkNoLeaks(t, service.Config{
		Agent: agents.Func(func(ctx context.Context, turn agents.Turn, r channels.Replier) error {
			if turn.Message.Text == "panic" {
				panic("of the inside")
			}
			return servicetest.Echo().Answer(ctx, turn, r)
		}),
	}, func(h *servicetest.Running) {
		for _, r := range servicetest.Routes() {
			got, err := r.Ask(servicetest.Context(t), h, servicetest.Question{Sender: "afterwards", Text: "panic"})
			if err != nil || got.Code != "agent_failed" && got.Code != "unknown" || strings.Contains(got.Message, "inside") {
				t.Errorf("%s: %+v, %v", r.Name, got, err)
			}
		}
		line := h.Log.Await(t, `"msg":"turn failed"`)
		if !strings.Contains(line, "of the inside") || !strings.Contains(line, "robustness_test.go") {
			t.Errorf("the log does not show where: %s", line)
		}
	})
}

// An agent may leave a goroutine behind that goes on replying.
//
//nolint:paralleltest // counts goroutines: no other test may run
func TestRobustnessLateReplies(t *testing.T) {
	late := make(chan error, 2)
	checkNoLeaks(t, service.Config{
		Agent: agents.Func(func(ctx context.Context, turn agents.Turn, r channels.Replier) error {
			if turn.Message.Sender == "afterwards" {
				return servicetest.Echo().Answer(ctx, turn, r)
			}
			go func() {
				<-ctx.Done() // the turn is over
				late <- r.Delta(context.Background(), "and another")
				late <- r.Reply(context.Background(), channels.Reply{Text: "and another"})
			}()
			return servicetest.Echo().Answer(ctx, turn, r)
		}),
	}, func(h *servicetest.Running) {
		for _, r := range servicetest.Routes() {
			got, err := r.Ask(servicetest.Context(t), h, servicetest.Question{Sender: "ann", Text: "hello"})
			if diff := cmp.Diff(servicetest.Answer{Texts: []string{"hello"}}, got); diff != "" || err != nil {
				t.Errorf("%s: %v (-want +got):\n%s", r.Name, err, diff)
			}
			if err := errors.Join(servicetest.Await(t, "the late piece", late), servicetest.Await(t, "the late reply", late)); err == nil {
				t.Errorf("%s: late replies are taken", r.Name)
			}
		}
	})
}
