package service_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/servicetest"
	"github.com/manyvox/manyvox/service/turn"
)

// testLive has the agent go on only after the client was shown what it said last.
func (p protocol) testLive(t *testing.T) {
	script := []event{{reply: "one"}, {delta: "tw"}, {delta: "o"}, {reply: "two"}, {reply: "three"}}
	want := []event{
		{id: "1", reply: `{"recipient_id":"ann","text":"one"}`},
		{id: "2", delta: "tw"},
		{id: "2", delta: "o"},
		{id: "2", reply: `{"recipient_id":"ann","text":"two"}`},
		{id: "3", reply: `{"recipient_id":"ann","text":"three"}`},
	}
	if p.can&takesDeltas == 0 { // nor does it number the replies
		script = []event{{reply: "one"}, {reply: "two"}, {reply: "three"}}
		want = []event{{reply: want[0].reply}, {reply: want[3].reply}, {reply: want[4].reply}}
	}
	shown := make(chan event, len(script))
	s := startMatrix(t, "rest:", service.Config{
		Agent:        stepwise(script, shown),
		AgentOptions: turn.AgentOptions{AgentTimeout: 20 * time.Second}, // ends a test whose client is shown nothing
	})
	c := from("ann", "hi")
	c.stream = true
	r := p.dial(t, s.Running).call(t.Context(), c, func(e event) { shown <- e })
	if r.failure != nil {
		t.Errorf("failed: %+v", *r.failure)
	}
	if diff := cmp.Diff(want, r.events, cmp.AllowUnexported(event{})); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}

// stepwise makes an agent that waits for shown after each step.
func stepwise(script []event, shown <-chan event) agents.Func {
	return func(ctx context.Context, _ agents.Turn, r channels.Replier) error {
		for _, step := range script {
			var err error
			if step.delta != "" {
				err = r.Delta(ctx, step.delta)
			} else {
				err = r.Reply(ctx, channels.Reply{Text: step.reply})
			}
			if err != nil {
				return err
			}
			select {
			case <-shown:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	}
}

// The agent must know within cancelBound that the client went away. A loaded machine
// under the race detector may be late now and then without anything being wrong, so
// the best of cancelAttempts has to keep the bound, and each of them cancelPatience.
const (
	cancelBound    = 50 * time.Millisecond
	cancelAttempts = 5
	cancelPatience = 5 * time.Second
)

func (p protocol) testCancel(t *testing.T, stream bool) {
	agent := &abandoned{started: make(chan struct{}, 1), ended: make(chan time.Time, 1)}
	s := startMatrix(t, "rest:", service.Config{Agent: agent})
	client := p.dial(t, s.Running)
	var took []time.Duration
	for range cancelAttempts {
		took = append(took, agent.leave(t, client, stream))
		if took[len(took)-1] <= cancelBound {
			return
		}
	}
	t.Errorf("the agent's ctx ended %v after the client went away, want one of them within %v", took, cancelBound)
}

// abandoned is an agent that replies once and then waits for the end of ctx.
type abandoned struct {
	started chan struct{}
	ended   chan time.Time
}

// Answer reports when ctx has ended.
func (a *abandoned) Answer(ctx context.Context, _ agents.Turn, r channels.Replier) error {
	if err := r.Reply(ctx, channels.Reply{Text: "one moment"}); err != nil {
		return err
	}
	a.started <- struct{}{}
	<-ctx.Done()
	a.ended <- time.Now()
	return ctx.Err()
}

// leave makes a call, goes away in the middle of it and returns how long it took the
// agent to know.
func (a *abandoned) leave(t *testing.T, client caller, stream bool) time.Duration {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	c := from("ann", "hi")
	c.stream = stream
	shown := make(chan event, 1)
	over := make(chan result, 1)
	go func() { over <- client.call(ctx, c, func(e event) { shown <- e }) }()
	servicetest.Await(t, "the agent's start", a.started)
	if stream {
		servicetest.Await(t, "the first reply", shown)
	}
	left := time.Now()
	cancel()
	ended := servicetest.Await(t, "the end of the agent's ctx", a.ended)
	if err := servicetest.Await(t, "the end of the call", over).failure.is(channels.CodeCanceled); err != nil {
		t.Error(err)
	}
	took := ended.Sub(left)
	if took > cancelPatience {
		t.Fatalf("the agent's ctx ended %v after the client went away, want at most %v", took, cancelPatience)
	}
	return took
}

var _ agents.Agent = (*abandoned)(nil)
