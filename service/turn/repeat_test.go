package turn_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/memory"
)

// withRepeat sets the agent's repeat, and a sentence of on_failure.
func withRepeat(r agents.Repeat) func(*settings) {
	return func(s *settings) { s.Repeat, s.onFailure = r, "sorry" }
}

// What is run again is decided by what the agent says of the failure and by its repeat.
func TestRepeat(t *testing.T) {
	t.Parallel()
	failed := channels.Errorf(channels.CodeAgentFailed, "no")
	fails := func(err error) agents.Func {
		return func(context.Context, agents.Turn, channels.Replier) error { return err }
	}
	late := func(ctx context.Context, _ agents.Turn, _ channels.Replier) error {
		<-ctx.Done()
		return ctx.Err()
	}
	tooMuch := channels.Errorf(channels.CodeTooLarge, "no")
	for _, c := range []struct {
		name        string
		agent       agents.Func
		repeat      agents.Repeat
		least, most int64 // runs
		dead        string
		parts       int
	}{
		{"failed, always", fails(failed), agents.RepeatAlways, 8, 20, "failed one", 1},
		{"failed, by default", fails(failed), "", 8, 20, "failed one", 1},
		{"failed, crash", fails(failed), agents.RepeatCrash, 1, 1, "interrupted one", 1},
		{"failed, never", fails(failed), agents.RepeatNever, 1, 1, "interrupted one", 1},
		{"late, always", late, agents.RepeatAlways, 5, 8, "failed one", 1},
		{"late, crash", late, agents.RepeatCrash, 1, 1, "interrupted one", 1},
		{"late, never", late, agents.RepeatNever, 1, 1, "interrupted one", 1},
		{"a panic, crash", func(context.Context, agents.Turn, channels.Replier) error { panic("no") }, agents.RepeatCrash, 1, 1, "interrupted one", 1},
		{"permanent, always", fails(tooMuch), agents.RepeatAlways, 1, 1, "failed one", 1},
		{"permanent, crash", fails(tooMuch), agents.RepeatCrash, 1, 1, "failed one", 1},
		{"permanent, never", fails(tooMuch), agents.RepeatNever, 1, 1, "failed one", 1},
		{"permanent and not reached", fails(agents.NotReached(tooMuch)), agents.RepeatCrash, 1, 1, "failed one", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var runs atomic.Int64
				h := newHarness(t, agents.Func(func(ctx context.Context, t agents.Turn, r channels.Replier) error {
					runs.Add(1)
					return c.agent(ctx, t, r)
				}), withRepeat(c.repeat))
				h.post(t, "ann", "one")
				advance(30 * time.Minute)
				if diff := cmp.Diff([]string{c.dead}, h.dead(t)); diff != "" || h.parts(t) != c.parts {
					t.Errorf("%d parts, dead letters (-want +got):\n%s", h.parts(t), diff)
				}
				if n := runs.Load(); n < c.least || n > c.most {
					t.Errorf("%d runs, want %d to %d", n, c.least, c.most)
				}
			})
		})
	}
}

// A message that does not reach the agent is run again whatever repeat says, with pauses
// and without an attempt counted, until it is answered or a day old. Nobody is told
// anything after a day.
func TestRepeatNotReached(t *testing.T) {
	t.Parallel()
	for _, repeat := range []agents.Repeat{agents.RepeatAlways, agents.RepeatCrash, agents.RepeatNever} {
		for name, down := range map[string]time.Duration{"for a while": 9 * time.Hour, "for too long": 25 * time.Hour} {
			t.Run(fmt.Sprint(repeat, ", ", name), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					runs, up := 0, time.Now().Add(down)
					h := newHarness(t, agents.Func(func(ctx context.Context, _ agents.Turn, r channels.Replier) error {
						if runs++; time.Now().Before(up) {
							return agents.NotReached(channels.Errorf(channels.CodeUnavailable, "no route"))
						}
						return say(ctx, r, "at last")
					}), withRepeat(repeat))
					h.post(t, "ann", "one")
					advance(26 * time.Hour)
					events, dead := []string{"message one", "reply at last"}, []string(nil)
					if down > 24*time.Hour {
						events, dead = []string{"message one", "expired"}, []string{"expired one"}
					}
					if diff := cmp.Diff(events, h.events(t, "ann")); diff != "" {
						t.Errorf("events (-want +got):\n%s", diff)
					}
					if diff := cmp.Diff(dead, h.dead(t)); diff != "" {
						t.Errorf("dead letters (-want +got):\n%s", diff)
					}
					if perHour := float64(runs) / min(down, 24*time.Hour).Hours(); perHour > 130 || perHour < 40 {
						t.Errorf("%v runs an hour", perHour)
					}
				})
			})
		}
	}
}

// The program dies, or is killed, in an attempt that has shown nothing: the message is
// run again with the same id, as repeat allows.
func TestRepeatAfterACrash(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		repeat  agents.Repeat
		crashes int
		dead    []string
	}{
		{agents.RepeatAlways, 1, nil},
		{agents.RepeatAlways, 4, nil},
		{agents.RepeatAlways, 5, []string{"interrupted one"}},
		{agents.RepeatCrash, 1, nil},
		{agents.RepeatCrash, 4, nil},
		{agents.RepeatCrash, 5, []string{"interrupted one"}},
		{agents.RepeatNever, 0, nil},
		{agents.RepeatNever, 1, []string{"interrupted one"}},
	} {
		t.Run(fmt.Sprint(c.repeat, ", crashes ", c.crashes), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				j := &faultyJournal{Store: memory.Open()}
				m := channels.Message{Channel: "chat", Sender: "ann", ID: "one", Text: "one"}
				if _, err := j.Enqueue(t.Context(), journal.Entry{Message: m, Window: time.Hour}); err != nil {
					t.Fatal(err)
				}
				for range c.crashes {
					claimed, err := j.Next(t.Context())
					if err != nil {
						t.Fatal(err)
					}
					again := journal.Step{End: &journal.End{Outcome: journal.OutcomeRetry, At: time.Now()}}
					if err := j.Store.Settle(t.Context(), claimed.Claim, again); err != nil {
						t.Fatal(err)
					}
				}
				var ids []string
				h := newHarness(t, agents.Func(func(ctx context.Context, t agents.Turn, r channels.Replier) error {
					ids = append(ids, t.Message.ID)
					return say(ctx, r, "re")
				}), withRepeat(c.repeat), func(s *settings) { s.journal = j })
				advance(time.Minute)
				if diff := cmp.Diff(c.dead, h.dead(t)); diff != "" {
					t.Errorf("dead letters (-want +got):\n%s", diff)
				}
				if c.dead == nil != (len(ids) == 1 && ids[0] == "one") {
					t.Errorf("run for %q", ids)
				}
			})
		})
	}
}

// A turn that the program's end cuts is given back, unless it may have been seen and must
// never be run again.
func TestRepeatAtTheEnd(t *testing.T) {
	t.Parallel()
	cut := func(mark func(error) error) agents.Func {
		return func(ctx context.Context, _ agents.Turn, _ channels.Replier) error {
			<-ctx.Done()
			return mark(ctx.Err())
		}
	}
	reached := func(err error) error { return err }
	for _, c := range []struct {
		name     string
		mark     func(error) error
		repeat   agents.Repeat
		dead     []string
		attempts int // of the next program, with its own
	}{
		{"always", reached, agents.RepeatAlways, nil, 2},
		{"crash", reached, agents.RepeatCrash, nil, 2},
		{"never", reached, agents.RepeatNever, []string{"interrupted one"}, 0},
		{"not reached, always", agents.NotReached, agents.RepeatAlways, nil, 1},
		{"not reached, never", agents.NotReached, agents.RepeatNever, nil, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				h := newHarness(t, cut(c.mark), withRepeat(c.repeat))
				h.post(t, "ann", "one")
				h.stop()
				if diff := cmp.Diff(c.dead, h.dead(t)); diff != "" {
					t.Errorf("dead letters (-want +got):\n%s", diff)
				}
				if c.attempts == 0 {
					return
				}
				claimed, err := h.journal.Next(t.Context())
				if err != nil || claimed.Attempt != c.attempts {
					t.Errorf("attempt %d, %v, want %d", claimed.Attempt, err, c.attempts)
				}
			})
		})
	}
}

// A message that is too old is not answered, however it grew so old.
func TestStaleMessage(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		waits time.Duration
		dead  []string
		want  []string
	}{
		"young enough": {time.Hour - time.Second, nil, []string{"message two", "reply re two"}},
		"too old":      {time.Hour, []string{"expired two"}, []string{"message two", "expired"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				h := newHarness(t, agents.Func(func(ctx context.Context, turn agents.Turn, r channels.Replier) error {
					if turn.Message.Text == "one" {
						time.Sleep(c.waits)
						return nil
					}
					return say(ctx, r, "re "+turn.Message.Text)
				}), func(s *settings) { s.StaleAfter, s.AgentTimeout, s.onFailure = time.Hour, 2*time.Hour, "sorry" })
				h.post(t, "ann", "one", "two")
				advance(3 * time.Hour)
				if diff := cmp.Diff(append([]string{"message one"}, c.want...), h.events(t, "ann")); diff != "" {
					t.Errorf("events (-want +got):\n%s", diff)
				}
				if diff := cmp.Diff(c.dead, h.dead(t)); diff != "" {
					t.Errorf("dead letters (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// A channel whose Fit panics would do so again: the turn is given up at once, and the log
// has one error.
func TestFitPanics(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		agent agents.Func
		dead  string
	}{
		"at the first reply": {func(ctx context.Context, _ agents.Turn, r channels.Replier) error {
			return say(ctx, r, "ill")
		}, "failed one"},
		"and the agent takes no notice": {func(ctx context.Context, _ agents.Turn, r channels.Replier) error {
			_ = say(ctx, r, "ill")
			return errors.New("another")
		}, "failed one"},
		"at the second reply": {func(ctx context.Context, _ agents.Turn, r channels.Replier) error {
			return say(ctx, r, "well", "ill")
		}, "interrupted one"},
		"at the sentence of on_failure": {func(context.Context, agents.Turn, channels.Replier) error {
			return channels.Errorf(channels.CodeInvalid, "no")
		}, "failed one"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				runs := 0
				h := newHarness(t, agents.Func(func(ctx context.Context, turn agents.Turn, r channels.Replier) error {
					runs++
					return c.agent(ctx, turn, r)
				}), func(s *settings) {
					s.onFailure = "ill"
					s.channel.fit = func(p channels.Part) []channels.Part {
						if p.Reply.Text == "ill" {
							panic("of the inside")
						}
						return []channels.Part{p}
					}
				})
				h.post(t, "ann", "one")
				advance(time.Hour)
				if diff := cmp.Diff([]string{c.dead}, h.dead(t)); diff != "" || runs != 1 {
					t.Errorf("%d runs, dead letters (-want +got):\n%s", runs, diff)
				}
				if lines := h.log.lines(t, slog.LevelError); len(lines) != 1 {
					t.Errorf("errors in the log: %q", lines)
				}
			})
		})
	}
}

// TestOnFailure tells the user the channel's sentence, or else the agent's, or nothing.
func TestOnFailure(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, channel, agent string
		want                 []string
	}{
		{"the channel's", "of the channel", "", []string{"message one", "failed", "reply of the channel"}},
		{"the agent's", "", "of the agent", []string{"message one", "failed", "reply of the agent"}},
		{"both", "of the channel", "of the agent", []string{"message one", "failed", "reply of the channel"}},
		{"neither", "", "", []string{"message one", "failed"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				h := newHarness(t, agents.Func(func(context.Context, agents.Turn, channels.Replier) error {
					return channels.Errorf(channels.CodeInvalid, "no")
				}), func(s *settings) { s.onFailure, s.OnFailure = c.channel, c.agent })
				h.post(t, "ann", "one")
				advance(time.Minute)
				if diff := cmp.Diff(c.want, h.events(t, "ann")); diff != "" {
					t.Errorf("events (-want +got):\n%s", diff)
				}
			})
		})
	}
}
