package service_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/agents/agenttest"
	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/intake"
	"github.com/manyvox/manyvox/service/servicetest"
)

// poller is a channel that fetches its messages.
type poller struct {
	run func(ctx context.Context, in channels.Inbox) error
}

func (p *poller) Inbound(channels.Inbox) http.Handler              { return nil }
func (p *poller) Run(ctx context.Context, in channels.Inbox) error { return p.run(ctx, in) }
func (p *poller) Validate() error                                  { return nil }
func (p *poller) Open(channels.Env) (channels.Channel, error)      { return p, nil }

func polling(run func(context.Context, channels.Inbox) error) channels.Type {
	return channels.Type{Name: "poller", New: func() channels.Config { return &poller{run} }}
}

func TestRunnerEntersByTheDoor(t *testing.T) {
	t.Parallel()
	policy := &refusingPolicy{}
	done := make(chan error, 1)
	servicetest.OnLoopback(t, service.Config{
		Channels: servicetest.Channels(t, "mail: {type: poller}\n", polling(func(ctx context.Context, in channels.Inbox) error {
			done <- in.Ask(ctx, channels.Message{Sender: "ann", Text: "hello"}, &agenttest.Recorder{})
			<-ctx.Done()
			return nil
		})),
		Agent: servicetest.UncalledAgent(t), Policies: []intake.Policy{policy.decide},
	})
	var e *channels.Error
	if err := servicetest.Await(t, "the refusal", done); !errors.As(err, &e) || e.Code != channels.CodePermissionDenied {
		t.Errorf("the door answers %v", err)
	}
	want := []channels.Conversation{{Channel: "mail", Sender: "ann"}}
	if diff := cmp.Diff(want, policy.asked); diff != "" {
		t.Errorf("whom the policy was asked about (-want +got):\n%s", diff)
	}
}

func TestRunnerIsStartedAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var starts []time.Time
		const failures = 10
		h := servicetest.InBubble(t, service.Config{
			Channels: servicetest.Channels(t, "poller:\n", polling(func(ctx context.Context, _ channels.Inbox) error {
				starts = append(starts, time.Now())
				switch n := len(starts); {
				case n > failures:
					<-ctx.Done()
					return nil
				case n%2 == 0:
					panic("of the channel")
				}
				return errors.New("the mailbox is locked")
			})),
			Agent: servicetest.UncalledAgent(t), OperatorToken: "operator",
		}, servicetest.Timeout)
		time.Sleep(time.Hour)
		synctest.Wait()
		if len(starts) != failures+1 {
			t.Fatalf("%d starts, want %d", len(starts), failures+1)
		}
		for i, pause := 0, time.Second; i < failures; i, pause = i+1, min(2*pause, time.Minute) {
			if got := starts[i+1].Sub(starts[i]); got < pause/2 || got > pause {
				t.Errorf("the pause after failure %d is %v, want %v to %v", i+1, got, pause/2, pause)
			}
		}
		log := h.Log.String()
		if !strings.Contains(log, "the mailbox is locked") || !strings.Contains(log, "panic: of the channel") {
			t.Errorf("log %s", log)
		}
		if e := h.LastError(t, "operator", "poller"); e.GetCode() != "unavailable" {
			t.Errorf("the last error is %v", e)
		}
	})
}

// A channel that ran for a while before it failed is started again after a short pause.
func TestRunnerPauseStartsAnew(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var pauses []time.Duration
		failed := time.Now()
		servicetest.InBubble(t, service.Config{
			Channels: servicetest.Channels(t, "poller:\n", polling(func(ctx context.Context, _ channels.Inbox) error {
				pauses = append(pauses, time.Since(failed))
				select {
				case <-time.After(2 * time.Minute):
				case <-ctx.Done():
				}
				failed = time.Now()
				return errors.New("the mailbox is locked")
			})),
			Agent: servicetest.UncalledAgent(t), OperatorToken: "operator",
		}, servicetest.Timeout)
		time.Sleep(time.Hour)
		synctest.Wait()
		for i, pause := range pauses[1:] {
			if pause > time.Second {
				t.Errorf("the pause after failure %d is %v", i+1, pause)
			}
		}
	})
}

func TestRunnerEndsWithTheService(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ended := false
		h := servicetest.InBubble(t, service.Config{
			Channels: servicetest.Channels(t, "poller:\n", polling(func(ctx context.Context, _ channels.Inbox) error {
				<-ctx.Done()
				time.Sleep(time.Second) // to end its session
				ended = true
				return nil
			})),
			Agent: servicetest.UncalledAgent(t),
		}, servicetest.Timeout)
		synctest.Wait()
		h.Shutdown()
		if err := <-h.Served; err != nil || !ended {
			t.Errorf("Serve ends with %v, the channel has ended: %v", err, ended)
		}
		if log := h.Log.String(); strings.Contains(log, "starting it again") {
			t.Errorf("log %s", log)
		}
	})
}
