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
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
	"golang.org/x/net/http2"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service"
)

// storm runs something against a service and checks that the service then answers as
// before, and that every goroutine of the storm is gone while the service runs on. It
// must not run beside other tests.
func storm(t *testing.T, c service.Config, blow func(h *house)) {
	t.Helper()
	c.Channels = instances(t, "rest:\n")
	h := listen(t, c)
	h.get(t, "/healthz") // it runs
	before := goleak.IgnoreCurrent()
	blow(h)
	for _, r := range routes() {
		got, err := r.ask(within(t), h, question{sender: "afterwards", text: "hello"})
		if err != nil || !slices.Equal(got.texts, []string{"hello"}) {
			t.Errorf("afterwards by %s: %+v, %v", r.name, got, err)
		}
	}
	h.h1.CloseIdleConnections()
	h.h2.CloseIdleConnections()
	for ctx := within(t); ; {
		err := goleak.Find(before) // waits a little by itself
		if err == nil {
			return
		}
		if ctx.Err() != nil {
			t.Fatal(err)
		}
	}
}

// echoes says what it was told.
func echoes(ctx context.Context, t agents.Turn, r channels.Replier) error {
	return r.Reply(ctx, channels.Reply{Text: t.Message.Text})
}

// footprint returns what heap and stacks hold.
func footprint() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse + m.StackInuse
}

//nolint:paralleltest // counts goroutines: no other test may run
func TestRobustnessManyStreams(t *testing.T) {
	const streams = 2000
	agent := &held{began: make(chan string, streams), release: make(chan struct{})}
	storm(t, service.Config{
		Agent: agents.Func(func(ctx context.Context, turn agents.Turn, r channels.Replier) error {
			if turn.Message.Sender == "afterwards" {
				return echoes(ctx, turn, r)
			}
			return agent.Answer(ctx, turn, r)
		}),
	}, func(h *house) {
		ways := slices.DeleteFunc(routes(), func(r route) bool { return !strings.Contains(r.name, "stream") })
		var callers sync.WaitGroup
		idle := footprint()
		for i := range streams {
			r, text := ways[i%len(ways)], fmt.Sprintf("stream %d", i)
			callers.Go(func() {
				got, err := r.ask(within(t), h, question{sender: text, text: text})
				if err != nil || !slices.Equal(got.texts, []string{text}) {
					t.Errorf("%s: %+v, %v", r.name, got, err)
				}
			})
		}
		for range streams {
			await(t, "a stream", agent.began)
		}
		t.Logf("%d streams: %d bytes of heap and stacks each, both ends together", streams, (footprint()-idle)/streams)
		close(agent.release) // all are open
		callers.Wait()
	})
}

//nolint:paralleltest // counts goroutines: no other test may run
func TestRobustnessJunk(t *testing.T) {
	storm(t, service.Config{Agent: agents.Func(echoes)}, func(h *house) {
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
			senders.Go(func() { spit(t, h, j) })
		}
		senders.Wait()
		if log := h.log.String(); strings.Contains(log, `"level":"WARN"`) || strings.Contains(log, `"level":"ERROR"`) {
			t.Errorf("the log makes much of it: %s", log)
		}
	})
}

// spit sends bytes over a connection of its own and hears the service out.
func spit(t *testing.T, h *house, junk string) {
	conn, err := h.dial(within(t), "tcp", h.addr)
	if err != nil {
		t.Error(err)
		return
	}
	defer conn.Close()
	heard := make(chan struct{})
	go func() {
		defer close(heard)
		_, _ = io.Copy(io.Discard, conn) // it may hang up while we speak
	}()
	_, _ = io.WriteString(conn, junk)
	if half, ok := conn.(interface{ CloseWrite() error }); ok {
		_ = half.CloseWrite() // it may have hung up
	}
	<-heard
}

//nolint:paralleltest // counts goroutines: no other test may run
func TestRobustnessPanic(t *testing.T) {
	storm(t, service.Config{
		Agent: agents.Func(func(ctx context.Context, turn agents.Turn, r channels.Replier) error {
			if turn.Message.Text == "panic" {
				panic("of the inside")
			}
			return echoes(ctx, turn, r)
		}),
	}, func(h *house) {
		for _, r := range routes() {
			got, err := r.ask(within(t), h, question{sender: "afterwards", text: "panic"})
			if err != nil || got.code != "agent_failed" && got.code != "unknown" || strings.Contains(got.message, "inside") {
				t.Errorf("%s: %+v, %v", r.name, got, err)
			}
		}
		line := h.log.await(t, `"msg":"turn failed"`)
		if !strings.Contains(line, "of the inside") || !strings.Contains(line, "robustness_test.go") {
			t.Errorf("the log does not tell where: %s", line)
		}
	})
}

// An agent may leave a goroutine behind that goes on replying.
//
//nolint:paralleltest // counts goroutines: no other test may run
func TestRobustnessLateReplies(t *testing.T) {
	late := make(chan error, 2)
	storm(t, service.Config{
		Agent: agents.Func(func(ctx context.Context, turn agents.Turn, r channels.Replier) error {
			if turn.Message.Sender == "afterwards" {
				return echoes(ctx, turn, r)
			}
			go func() {
				<-ctx.Done() // the turn is over
				late <- r.Delta(context.Background(), "and another")
				late <- r.Reply(context.Background(), channels.Reply{Text: "and another"})
			}()
			return echoes(ctx, turn, r)
		}),
	}, func(h *house) {
		for _, r := range routes() {
			got, err := r.ask(within(t), h, question{sender: "ann", text: "hello"})
			if diff := cmp.Diff(answer{texts: []string{"hello"}}, got, cmp.AllowUnexported(answer{})); diff != "" || err != nil {
				t.Errorf("%s: %v (-want +got):\n%s", r.name, err, diff)
			}
			if err := errors.Join(await(t, "the late piece", late), await(t, "the late reply", late)); err == nil {
				t.Errorf("%s: late replies are taken", r.name)
			}
		}
	})
}
