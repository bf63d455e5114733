package clients_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
)

// TestClients has each client, as it is installed, do the same.
func TestClients(t *testing.T) {
	t.Parallel()
	node, python := install(t)
	t.Run("javascript.md", func(t *testing.T) { t.Parallel(); checkPage(t, node, "javascript.md", "js", "hello.mjs") })
	t.Run("python-package.md", func(t *testing.T) { t.Parallel(); checkPage(t, python, "python-package.md", "python", "hello.py") })
	t.Run("types", func(t *testing.T) { t.Parallel(); checkTypes(t, node) })
	t.Run("npm in a browser", func(t *testing.T) {
		t.Parallel()
		browser := bundled(t, node)
		t.Run("cut", func(t *testing.T) { t.Parallel(); checkCut(t, browser) })
		t.Run("subscribe", func(t *testing.T) { t.Parallel(); checkSubscribe(t, browser) })
	})
	threads, asyncio := python, python
	threads.name, threads.command = "PyPI Client", append(python.command[:2:2], "Client")
	asyncio.name, asyncio.command = "PyPI AsyncClient", append(python.command[:2:2], "AsyncClient")
	for _, c := range []client{node, threads, asyncio} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			for name, check := range map[string]func(*testing.T, client){
				"attempts": checkAttempts, "overloaded": checkOverloaded, "late": checkLate, "partial": checkPartial,
				"cut": checkCut, "cut to the end": checkCutToTheEnd, "cut unary": checkCutUnary, "leave": checkLeave,
				"killed": checkKilled, "program ended": checkProgramEnded, "unknown events": checkUnknownEvents,
				"subscribe": checkSubscribe,
			} {
				t.Run(name, func(t *testing.T) { t.Parallel(); check(t, c) })
			}
		})
	}
}

// checkAttempts counts how often the agent is asked by way of a client.
func checkAttempts(t *testing.T, c client) {
	for _, test := range []struct {
		name, line string
		err        error
		turns      int
	}{
		{"unavailable", "error 14 AGENT_UNREACHABLE 0", agents.NotReached(channels.Errorf(channels.CodeUnavailable, "no")), 5},
		{"aborted", "error 10 TURN_ABORTED 0", channels.Errorf(channels.CodeAborted, "no"), 1},
	} {
		for _, method := range []string{"receive", "stream"} {
			t.Run(test.name+" "+method, func(t *testing.T) {
				t.Parallel()
				var turns asked
				p := start(t, agents.Func(func(_ context.Context, turn agents.Turn, _ channels.Replier) error {
					turns.add(turn.Message.ID)
					return test.err
				}))
				c.call(t, "http://"+p.addr, method, `{"message": "hi"}`).expectEnd(test.line)
				turns.check(t, test.turns)
			})
		}
	}
}

// checkOverloaded has an agent say when to come again.
func checkOverloaded(t *testing.T, c client) {
	var turns asked
	p := start(t, agents.Func(func(ctx context.Context, turn agents.Turn, r channels.Replier) error {
		if turns.add(turn.Message.ID) == 1 {
			return agents.NotReached(&channels.Error{Code: channels.CodeOverloaded, Message: "too many", RetryAfter: time.Millisecond})
		}
		return r.Reply(ctx, channels.Reply{Text: "at last"})
	}))
	c.call(t, "http://"+p.addr, "receive", `{"message": "hi"}`).expectEnd("replies at last", "done")
	turns.check(t, 2)
}

// checkLate has an agent answer only after its caller's time is over: the repeat gets it.
func checkLate(t *testing.T, c client) {
	var turns asked
	release := make(chan struct{})
	p := start(t, agents.Func(func(ctx context.Context, turn agents.Turn, r channels.Replier) error {
		turns.add(turn.Message.ID)
		<-release
		return r.Reply(ctx, channels.Reply{Text: "at last"})
	}), "--response-timeout", "1s")
	n := newNetwork(t, p.addr)
	made := c.call(t, n.url(), "receive", `{"message": "answer this"}`)
	n.toProgram.await(t, "answer this", 2)
	close(release)
	made.expectEnd("replies at last", "done")
	turns.check(t, 1)
}

// checkPartial has an agent fail after its first reply.
func checkPartial(t *testing.T, c client) {
	var turns atomic.Int64
	p := start(t, agents.Func(func(ctx context.Context, _ agents.Turn, r channels.Replier) error {
		turns.Add(1)
		if err := r.Reply(ctx, channels.Reply{Text: "first"}); err != nil {
			return err
		}
		return channels.Errorf(channels.CodeAgentFailed, "no")
	}))
	c.call(t, "http://"+p.addr, "receive", `{"message": "hi"}`).expectEnd("error 2 AGENT_FAILED 0 first")
	c.call(t, "http://"+p.addr, "stream", `{"message": "hi"}`).expectEnd("reply 1 first", "error 2 AGENT_FAILED 0")
	if n := turns.Load(); n != 2 {
		t.Errorf("%d turns of two calls", n)
	}
}
