package service_test

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/instance"
	"github.com/manyvox/manyvox/service/servicetest"
)

const turns = 200

// exclusiveAgent replies twice and counts turns that run at the same time.
type exclusiveAgent struct {
	running  atomic.Int32
	overlaps atomic.Int32
	turns    int // on purpose without a lock: the race detector watches too
}

func (a *exclusiveAgent) Answer(ctx context.Context, t agents.Turn, r channels.Replier) error {
	if a.running.Add(1) > 1 {
		a.overlaps.Add(1)
	}
	defer a.running.Add(-1)
	a.turns++
	for _, text := range []string{t.Message.Text, t.Message.Text + " again"} {
		for range 20 {
			runtime.Gosched() // let the others try
		}
		if err := r.Reply(ctx, channels.Reply{Text: text}); err != nil {
			return err
		}
	}
	return nil
}

func TestOrderOneConversationOnMixedRoutes(t *testing.T) {
	t.Parallel()
	limits := instance.DefaultLimits()
	limits.AsksPerConversation = turns
	agent := &exclusiveAgent{}
	h := servicetest.OnLoopback(t, service.Config{Channels: servicetest.Channels(t, "rest:\n"), Agent: agent, Limits: limits})
	askAll(t, h, func(int) string { return "ann" })
	if n := agent.overlaps.Load(); n > 0 {
		t.Errorf("%d turns began while another was running", n)
	}
	if agent.turns != turns {
		t.Errorf("%d turns, want %d", agent.turns, turns)
	}
}

// askAll asks on all routes at once. Each caller must get its own replies, in order.
func askAll(t *testing.T, h *servicetest.Running, sender func(i int) string) {
	t.Helper()
	ways := servicetest.Routes()
	failures := make(chan error, turns)
	for i := range turns {
		go func() {
			r, text := ways[i%len(ways)], fmt.Sprintf("message %d", i)
			got, err := r.Ask(servicetest.Context(t), h, servicetest.Question{Sender: sender(i), Text: text})
			if want := []string{text, text + " again"}; err == nil && !slices.Equal(got.Texts, want) {
				err = fmt.Errorf("%s: %+v, want %q", r.Name, got, want)
			}
			failures <- err
		}()
	}
	for range turns {
		if err := <-failures; err != nil {
			t.Error(err)
		}
	}
}

func TestOrderConversationsRunSideBySide(t *testing.T) {
	t.Parallel()
	var inside atomic.Int32
	all := make(chan struct{})
	h := servicetest.OnLoopback(t, service.Config{
		Channels: servicetest.Channels(t, "rest:\n"),
		Agent: agents.Func(func(ctx context.Context, t agents.Turn, r channels.Replier) error {
			if inside.Add(1) == turns {
				close(all)
			}
			select {
			case <-all:
			case <-ctx.Done():
				return ctx.Err()
			}
			if err := r.Reply(ctx, channels.Reply{Text: t.Message.Text}); err != nil {
				return err
			}
			return r.Reply(ctx, channels.Reply{Text: t.Message.Text + " again"})
		}),
	})
	askAll(t, h, func(i int) string { return fmt.Sprintf("sender-%d", i) })
	if n := inside.Load(); n != turns {
		t.Errorf("%d turns, want %d", n, turns)
	}
}
