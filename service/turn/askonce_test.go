package turn_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/servicetest"
)

// replySlowly sends two replies, a minute apart.
func replySlowly(ctx context.Context, _ int, r channels.Replier) error {
	if err := servicetest.ReplyTexts(ctx, r, "one"); err != nil {
		return err
	}
	select {
	case <-time.After(time.Minute):
		return servicetest.ReplyTexts(ctx, r, "two")
	case <-ctx.Done():
		return ctx.Err()
	}
}

// withID is the question of a caller that gives its message an id.
func withID(text string) servicetest.Question {
	return servicetest.Question{Sender: "ann", Text: text, ID: "m1"}
}

func newRunning(t *testing.T, s servicetest.NthTurn) (*servicetest.Running, *servicetest.CountingAgent) {
	a := &servicetest.CountingAgent{Script: s}
	return servicetest.InBubble(t, service.Config{Channels: servicetest.Channels(t, "rest:\n"), Agent: a}, servicetest.Timeout), a
}

func TestAskOnceJoinsARunningTurn(t *testing.T) {
	t.Parallel()
	servicetest.EachRoute(t, func(t *testing.T, r servicetest.Route) {
		h, a := newRunning(t, replySlowly)
		first := servicetest.AskAsync(t.Context(), h, r, withID("hi"))
		servicetest.Advance(time.Second)
		var others []<-chan servicetest.Outcome
		for _, way := range servicetest.Routes() {
			others = append(others, servicetest.AskAsync(t.Context(), h, way, withID("hi")))
		}
		servicetest.CheckOutcome(t, "the first", <-first, "", "one", "two")
		for i, way := range servicetest.Routes() {
			servicetest.CheckOutcome(t, way.Name, <-others[i], "", "one", "two")
		}
		if n := a.Turns(); n != 1 {
			t.Errorf("%d turns", n)
		}
	})
}

func TestAskOnceReplaysAFinishedTurn(t *testing.T) {
	t.Parallel()
	servicetest.EachRoute(t, func(t *testing.T, r servicetest.Route) {
		h, a := newRunning(t, replySlowly)
		servicetest.CheckOutcome(t, "the first", <-servicetest.AskAsync(t.Context(), h, r, withID("hi")), "", "one", "two")
		servicetest.Advance(47 * time.Hour)
		for _, way := range servicetest.Routes() {
			began := time.Now()
			servicetest.CheckOutcome(t, way.Name, <-servicetest.AskAsync(t.Context(), h, way, withID("hi")), "", "one", "two")
			if took := time.Since(began); took > 0 {
				t.Errorf("%s waited %v", way.Name, took)
			}
		}
		servicetest.CheckOutcome(t, "another sender", <-servicetest.AskAsync(t.Context(), h, r, servicetest.Question{Sender: "bob", Text: "hi", ID: "m1"}), "", "one", "two")
		servicetest.Advance(2 * time.Hour)
		servicetest.CheckOutcome(t, "after the window", <-servicetest.AskAsync(t.Context(), h, r, withID("hi")), "", "one", "two")
		if n := a.Turns(); n != 3 {
			t.Errorf("%d turns, want 3", n)
		}
	})
}

// A message that the agent has not seen is answered anew when it is asked again.
func TestAskOnceRunsAnUnseenMessageAgain(t *testing.T) {
	t.Parallel()
	servicetest.EachRoute(t, func(t *testing.T, r servicetest.Route) {
		h, a := newRunning(t, func(ctx context.Context, n int, r channels.Replier) error {
			if n < 3 {
				return agents.NotReached(channels.Errorf(channels.CodeAgentFailed, "no"))
			}
			return servicetest.ReplyTexts(ctx, r, "at last")
		})
		failed := "unknown"
		if strings.HasPrefix(r.Name, "legacy") {
			failed = "agent_failed"
		}
		servicetest.CheckOutcome(t, "the first", <-servicetest.AskAsync(t.Context(), h, r, withID("hi")), failed)
		servicetest.CheckOutcome(t, "the second", <-servicetest.AskAsync(t.Context(), h, r, withID("hi")), failed)
		servicetest.CheckOutcome(t, "with another text", <-servicetest.AskAsync(t.Context(), h, r, withID("ho")), "already_exists")
		servicetest.CheckOutcome(t, "the third", <-servicetest.AskAsync(t.Context(), h, r, withID("hi")), "", "at last")
		servicetest.CheckOutcome(t, "the fourth", <-servicetest.AskAsync(t.Context(), h, r, withID("hi")), "", "at last")
		if n := a.Turns(); n != 3 {
			t.Errorf("%d turns, want 3", n)
		}
	})
}

// A message that the agent has seen is not answered anew, whatever became of its turn.
func TestAskOnceAbortsAFailedTurn(t *testing.T) {
	t.Parallel()
	for name, begin := range map[string]struct {
		script servicetest.NthTurn
		texts  []string
	}{
		"after replies": {func(ctx context.Context, _ int, r channels.Replier) error {
			return errors.Join(servicetest.ReplyTexts(ctx, r, "one", "two"), errors.New("no"))
		}, []string{"one", "two"}},
		"before any reply": {func(context.Context, int, channels.Replier) error { return errors.New("no") }, nil},
		"as never to be asked again": {func(context.Context, int, channels.Replier) error {
			return channels.Errorf(channels.CodePermissionDenied, "no")
		}, nil},
		"after a piece of text": {func(ctx context.Context, _ int, r channels.Replier) error {
			return errors.Join(r.Delta(ctx, "o"), errors.New("no"))
		}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			servicetest.EachRoute(t, func(t *testing.T, r servicetest.Route) {
				h, a := newRunning(t, begin.script)
				if got := <-servicetest.AskAsync(t.Context(), h, r, withID("hi")); got.Err != nil || got.Code == "" || got.Code == "aborted" {
					t.Errorf("the first got %+v", got)
				}
				for _, way := range servicetest.Routes() {
					servicetest.CheckOutcome(t, way.Name, <-servicetest.AskAsync(t.Context(), h, way, withID("hi")), "aborted", begin.texts...)
				}
				if n := a.Turns(); n != 1 {
					t.Errorf("%d turns", n)
				}
			})
		})
	}
}

func TestAskOnceRefusesAnotherBody(t *testing.T) {
	t.Parallel()
	servicetest.EachRoute(t, func(t *testing.T, r servicetest.Route) {
		h, a := newRunning(t, replySlowly)
		first := servicetest.AskAsync(t.Context(), h, r, withID("hi"))
		servicetest.Advance(time.Second)
		servicetest.CheckOutcome(t, "while it runs", <-servicetest.AskAsync(t.Context(), h, r, withID("ho")), "already_exists")
		servicetest.CheckOutcome(t, "the first", <-first, "", "one", "two")
		servicetest.CheckOutcome(t, "when it is done", <-servicetest.AskAsync(t.Context(), h, r, withID("ho")), "already_exists")
		if n := a.Turns(); n != 1 {
			t.Errorf("%d turns", n)
		}
	})
}

// An empty reply is not shown and not recorded.
func TestAskOnceWithAnEmptyReply(t *testing.T) {
	t.Parallel()
	servicetest.EachRoute(t, func(t *testing.T, r servicetest.Route) {
		h, _ := newRunning(t, func(ctx context.Context, _ int, r channels.Replier) error {
			return errors.Join(r.Reply(ctx, channels.Reply{}), servicetest.ReplyTexts(ctx, r, "one"))
		})
		for _, who := range []string{"the first", "a repeat"} {
			servicetest.CheckOutcome(t, who, <-servicetest.AskAsync(t.Context(), h, r, withID("hi")), "", "one")
		}
	})
}

// TestEdge08_16Digest: the same values in another order or with other escapes are the same
// message. Another way to write a number is not: an agent reads it as another value.
func TestEdge08_16Digest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h, a := newRunning(t, func(ctx context.Context, _ int, r channels.Replier) error {
			return servicetest.ReplyTexts(ctx, r, "one")
		})
		for _, c := range []struct {
			body   string
			status int
		}{
			{`{"message_id":"m1","message":"hi","metadata":{"a":{"x":1.0,"y":"é/"},"b":[1,2]}}`, http.StatusOK},
			{`{"metadata":{"b": [1, 2],"a":{"y":"\u00e9\/","x":1.0}},"message":"\u0068i","message_id":"m1"}`, http.StatusOK},
			{`{"message_id":"m1","message":"hi","metadata":{"a":{"x":1,"y":"é/"},"b":[1,2]}}`, http.StatusConflict},
			{`{"message_id":"m1","message":"hi","metadata":{"a":{"x":1.0,"y":"é/"},"b":[2,1]}}`, http.StatusConflict},
		} {
			if status, body := h.PostBody(t, "/webhooks/rest/webhook", c.body); status != c.status {
				t.Errorf("%s: %d %s, want %d", c.body, status, body, c.status)
			}
		}
		if n := a.Turns(); n != 1 {
			t.Errorf("%d turns", n)
		}
	})
}
