package turn

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/instance"
	"github.com/manyvox/manyvox/service/journal/memory"
	"github.com/manyvox/manyvox/service/metrics"
)

func TestExecutorFailures(t *testing.T) {
	t.Parallel()
	const failed = "the agent failed; the log tells why (message_id m1)"
	broken := &channels.Error{Code: channels.CodeOverloaded, Message: "the model is busy", RetryAfter: time.Minute}
	refused := channels.Errorf(channels.CodeInvalid, "no such recipient")
	inside := errors.New("dial 10.0.0.7: s3cret")
	fails := func(err error) agents.Func {
		return func(context.Context, agents.Turn, channels.Replier) error { return err }
	}
	says := func(r channels.Reply) agents.Func {
		return func(ctx context.Context, _ agents.Turn, to channels.Replier) error { return to.Reply(ctx, r) }
	}
	patient := func(ctx context.Context, _ agents.Turn, _ channels.Replier) error { <-ctx.Done(); return inside }
	for _, c := range []struct {
		name    string
		agent   agents.Func
		replier error // what the caller's Replier answers
		hangUp  error // the cause with which the caller's ctx ends after a minute
		code    channels.Code
		message string
		news    bool // shown by Health and logged as a warning
	}{
		{name: "a failure is not shown", agent: fails(inside), code: channels.CodeAgentFailed, message: failed, news: true},
		{name: "an error with a meaning is", agent: fails(broken), code: channels.CodeOverloaded, message: "the model is busy", news: true},
		{
			name:  "a panic",
			agent: func(context.Context, agents.Turn, channels.Replier) error { panic(inside) },
			code:  channels.CodeAgentFailed, message: failed, news: true,
		},
		{
			name: "a reply that has no JSON form", agent: says(channels.Reply{Custom: []byte("{")}),
			code: channels.CodeAgentFailed, message: failed, news: true,
		},
		{
			name: "no reply in time", agent: patient,
			code: channels.CodeDeadlineExceeded, message: "the agent did not finish in time (message_id m1)", news: true,
		},
		{
			name: "the caller hangs up", agent: patient, hangUp: context.Canceled,
			code: channels.CodeCanceled, message: "the caller went away",
		},
		{
			name: "the service ends, and the agent has seen the message", agent: patient, hangUp: instance.ErrDraining,
			code: channels.CodeAborted, message: "the program ended in the middle of the turn", news: true,
		},
		{
			name: "the caller takes no reply", agent: says(channels.Reply{Text: "hello"}), replier: inside,
			code: channels.CodeCanceled, message: "the caller went away",
		},
		{
			name: "the caller takes no such reply", agent: says(channels.Reply{Text: "hello"}), replier: refused,
			code: channels.CodeInvalid, message: "no such recipient", news: true,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				in := instance.New(instance.Config{Name: "rest", Channel: channels.Webhook{}}, metrics.New(metrics.Sources{}))
				log, j := &levels{}, memory.Open()
				x := New(Config{
					Base: t.Context(), Agent: c.agent, AgentOptions: AgentOptions{AgentTimeout: time.Hour}, ResponseTimeout: time.Hour,
					Limits: instance.NewLimitsInUse(instance.DefaultLimits()), Locks: j, Events: j, Log: slog.New(log),
				})
				defer x.Close(t.Context())
				ctx, hangUp := context.WithCancelCause(t.Context())
				defer hangUp(nil)
				if c.hangUp != nil {
					time.AfterFunc(time.Minute, func() { hangUp(c.hangUp) })
				}
				caller := &recorder{}
				if c.replier != nil {
					caller = &recorder{failAt: 1, err: c.replier}
				}
				err := x.Ask(ctx, in, &channels.Message{Channel: "rest", Sender: "ann", ID: "m1"}, caller)
				var e *channels.Error
				if !errors.As(err, &e) || e.Code != c.code || e.Message != c.message {
					t.Errorf("%v, want %v: %s", err, c.code, c.message)
				}
				if known := in.LastError() != "" && log.warned; known != c.news {
					t.Errorf("Health shows %q, warned %v, want %v", in.LastError(), log.warned, c.news)
				}
			})
		})
	}
}

// levels is a log handler that remembers whether a line was a warning.
type levels struct {
	slog.Handler
	warned bool
}

func (l *levels) Enabled(context.Context, slog.Level) bool { return true }

func (l *levels) Handle(_ context.Context, r slog.Record) error {
	l.warned = l.warned || r.Level >= slog.LevelWarn
	return nil
}
