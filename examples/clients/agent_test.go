package clients_test

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"sync"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
)

// agent does what the first word of a text says, and counts what it is asked.
type agent struct {
	// release lets go on what the word hold has stopped.
	release chan struct{}

	mu       sync.Mutex
	attempts map[string]int    // by sender
	ended    map[string]signal // by sender: a hanging turn has ended
	began    signal            // a turn hangs
	gate     chan struct{}     // closed once all that wait at the barrier are there
	waiting  int
}

func newAgent() *agent {
	return &agent{release: make(chan struct{}), attempts: map[string]int{}, ended: map[string]signal{}, began: newSignal(), gate: make(chan struct{})}
}

// agentType lists the agent.
func (a *agent) agentType() agents.Type {
	return agents.Type{Name: "counted", New: func() agents.Config { return &agentConfig{a} }}
}

type agentConfig struct{ agent *agent }

func (*agentConfig) Validate() error { return nil }

func (c *agentConfig) Open(agents.Env) (agents.Agent, error) { return c.agent, nil }

// Answer answers.
func (a *agent) Answer(ctx context.Context, t agents.Turn, r channels.Replier) error {
	a.count(t.Message.Sender)
	word, rest, _ := strings.Cut(t.Message.Text, " ")
	n, _ := strconv.Atoi(rest)
	switch word {
	case "deltas":
		return a.write(ctx, r)
	case "metadata":
		return r.Reply(ctx, channels.Reply{Custom: t.Message.Metadata})
	case "large":
		return r.Reply(ctx, channels.Reply{Custom: json.RawMessage(`"` + strings.Repeat("a", n-2) + `"`)})
	case "deep":
		return r.Reply(ctx, channels.Reply{Custom: json.RawMessage(nested(n))})
	case "unavailable":
		return agents.NotReached(channels.Errorf(channels.CodeUnavailable, "not there"))
	case "aborted":
		return channels.Errorf(channels.CodeAborted, "ended in the middle")
	case "busy":
		return &channels.Error{Code: channels.CodeOverloaded, Message: "busy", RetryAfter: 7_000_000_000}
	case "hang":
		return a.hang(ctx, t.Message.Sender, r)
	case "hold":
		return a.hold(ctx, r)
	case "barrier":
		return a.barrier(ctx, n, r)
	}
	return r.Reply(ctx, channels.Reply{Text: t.Message.Text})
}

// count counts an attempt.
func (a *agent) count(sender string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.attempts[sender]++
}

// attemptsOf returns how often the agent was asked by a sender.
func (a *agent) attemptsOf(sender string) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.attempts[sender]
}

// end returns what is sent once a hanging turn of the sender has ended.
func (a *agent) end(sender string) signal {
	a.mu.Lock()
	defer a.mu.Unlock()
	if _, ok := a.ended[sender]; !ok {
		a.ended[sender] = newSignal()
	}
	return a.ended[sender]
}

// write shows a text in pieces, and a second reply.
func (a *agent) write(ctx context.Context, r channels.Replier) error {
	for _, piece := range []string{"one", " two"} {
		if err := r.Delta(ctx, piece); err != nil {
			return err
		}
	}
	if err := r.Reply(ctx, channels.Reply{Text: "one two"}); err != nil {
		return err
	}
	return r.Reply(ctx, channels.Reply{Text: "three"})
}

// hang says something and waits for the end of the turn.
func (a *agent) hang(ctx context.Context, sender string, r channels.Replier) error {
	a.began.send()
	if err := r.Delta(ctx, "wait"); err != nil {
		return err
	}
	<-ctx.Done()
	a.end(sender).send()
	return ctx.Err()
}

// hold says something, waits to be released and says the rest.
func (a *agent) hold(ctx context.Context, r channels.Replier) error {
	if err := r.Delta(ctx, "wait"); err != nil {
		return err
	}
	select {
	case <-a.release:
		return r.Reply(ctx, channels.Reply{Text: "wait no more"})
	case <-ctx.Done():
		return ctx.Err()
	}
}

// barrier answers once n turns are there.
func (a *agent) barrier(ctx context.Context, n int, r channels.Replier) error {
	a.mu.Lock()
	a.waiting++
	if a.waiting == n {
		close(a.gate)
	}
	a.mu.Unlock()
	select {
	case <-a.gate:
		return r.Reply(ctx, channels.Reply{Text: "all there"})
	case <-ctx.Done():
		return ctx.Err()
	}
}

// nested returns a JSON value of n lists, one in the other.
func nested(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
