package agenttest_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/agents/agenttest"
	"github.com/manyvox/manyvox/channels"
)

// good answers as an agent should: a piece, the same text as a reply, one more reply.
func good(ctx context.Context, t agents.Turn, r channels.Replier) error {
	if t.Live {
		if err := r.Delta(ctx, "you "); err != nil {
			return err
		}
	}
	if err := r.Reply(ctx, channels.Reply{Text: "you said " + t.Message.Text}); err != nil {
		return err
	}
	return r.Reply(ctx, channels.Reply{Text: "bye"})
}

func TestContract(t *testing.T) {
	t.Parallel()
	agenttest.Contract(t, func(*testing.T) agents.Agent { return agents.Func(good) })
}

func TestContractFails(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		agent agents.Func
		want  []string
	}{
		{
			"silent",
			func(context.Context, agents.Turn, channels.Replier) error { return nil },
			[]string{
				"answers", "shows the same live", "ends when canceled before", "ends when late before",
				"ends with the replier's error", "answers side by side",
			},
		},
		{
			"deaf to ctx and the replier",
			func(_ context.Context, t agents.Turn, r channels.Replier) error {
				_ = good(context.Background(), t, r)
				return r.Reply(context.Background(), channels.Reply{})
			},
			[]string{"ends when canceled before", "ends when late before", "ends with the replier's error"},
		},
		{
			"other words live",
			func(ctx context.Context, t agents.Turn, r channels.Replier) error {
				text := "collected"
				if t.Live {
					text = "live"
				}
				return r.Reply(ctx, channels.Reply{Text: text})
			},
			[]string{"shows the same live"},
		},
		{
			"text left open",
			func(ctx context.Context, t agents.Turn, r channels.Replier) error {
				if err := good(ctx, t, r); err != nil {
					return err
				}
				return r.Delta(ctx, "and")
			},
			[]string{"answers", "shows the same live", "answers side by side"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, agenttest.Failed(c.agent)); diff != "" {
				t.Errorf("failed checks (-want +got):\n%s", diff)
			}
		})
	}
}

// closer closes with an error.
type closer struct {
	agents.Func
	err error
}

func (c closer) Close(context.Context) error { return c.err }

// otherCloser has a Close that nobody calls.
type otherCloser struct{ agents.Func }

func (otherCloser) Close() error { return nil }

func TestContractCloses(t *testing.T) {
	t.Parallel()
	if got := agenttest.Failed(closer{good, nil}); len(got) > 0 {
		t.Errorf("an agent that closes well fails %q", got)
	}
	if diff := cmp.Diff([]string{"closes"}, agenttest.Failed(closer{good, errors.New("still busy")})); diff != "" {
		t.Errorf("failed checks (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"closes"}, agenttest.Failed(otherCloser{good})); diff != "" {
		t.Errorf("failed checks (-want +got):\n%s", diff)
	}
}

var _ agents.Closer = closer{}
