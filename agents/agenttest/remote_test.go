package agenttest_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/agents/agenttest"
	"github.com/manyvox/manyvox/channels"
)

// calling is an agent that calls its assistant, and marks an error as it is told to.
func calling(mark func(error) error) func(url string) agents.Agent {
	return func(url string) agents.Agent {
		return agents.Func(func(ctx context.Context, _ agents.Turn, _ channels.Replier) error {
			req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader("hello"))
			if err != nil {
				return err
			}
			res, err := http.DefaultClient.Do(req)
			if err != nil {
				return mark(err)
			}
			return mark(errors.Join(errors.New(res.Status), res.Body.Close()))
		})
	}
}

// isDial reports whether an error is that of a connection that was never made.
func isDial(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial"
}

func TestRemoteFails(t *testing.T) {
	t.Parallel()
	const refused = "a refused connection has not reached"
	answered := []string{
		"a connection that breaks has reached", "an answer of 500 has reached",
		"an answer of 502 has reached", "an answer of 504 has reached",
	}
	for _, c := range []struct {
		name string
		mark func(error) error
		want []string
	}{
		{"it tells them apart", func(err error) error {
			if isDial(err) {
				return agents.NotReached(err)
			}
			return err
		}, nil},
		{"nothing is marked", func(err error) error { return err }, []string{refused}},
		{"all is marked", agents.NotReached, answered},
		{"nothing fails", func(error) error { return nil }, append([]string{refused}, answered...)},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, agenttest.FailedRemote(calling(c.mark))); diff != "" {
				t.Errorf("failed checks (-want +got):\n%s", diff)
			}
		})
	}
}
