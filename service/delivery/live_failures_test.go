package delivery_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/servicetest"
)

// failing returns an OnCall that fails the calls of a name, from the first up to n.
func failing(name string, n int, err error) func(context.Context, servicetest.LiveCall) error {
	return func(_ context.Context, c servicetest.LiveCall) error {
		if c.Call == name && c.N <= n {
			return err
		}
		return nil
	}
}

func taken(class channels.SendClass) error {
	return servicetest.Taken{Err: servicetest.SendFailure(class)}
}

// The text of this test's reply comes in three pieces, at 0, 1 and 2 seconds, and is
// complete at 3 seconds.
func growABC(t *testing.T, p *servicetest.StreamPlatform) *servicetest.Harness {
	t.Helper()
	s := grow(t, p, pieces(&channels.Reply{Text: private + "a b c"}, nil, "a", " b", " c"))
	s.Post(t, "chat", "ann", "one")
	return s
}

// Whatever becomes of an Append, the text is complete once the message is closed, at once,
// and no piece is repeated whose outcome is not known.
func TestAppendFails(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		err    error
		before string // shown right before the reply
		calls  string
	}{
		"throttled":          {servicetest.Throttled(time.Minute, channels.ScopeAddress), "a…", "open append close"},
		"throttled, all":     {servicetest.Throttled(time.Minute, channels.ScopeChannel), "a…", "open append close"},
		"throttled, one":     {servicetest.Throttled(time.Minute, channels.ScopeSender), "a…", "open append close"},
		"throttled at once":  {servicetest.Throttled(0, channels.ScopeAddress), "a b c…", "open append append append close"},
		"rejected":           {servicetest.SendFailure(channels.SendRejected), "a…", "open append close"},
		"gone":               {servicetest.SendFailure(channels.SendGone), "a…", "open append close"},
		"absent":             {servicetest.SendFailure(channels.SendAbsent), "a…", "open append close"},
		"unauthorized":       {servicetest.SendFailure(channels.SendUnauthorized), "a…", "open append close"},
		"unavailable":        {servicetest.SendFailure(channels.SendUnavailable), "a b c…", "open append append append close"},
		"unknown":            {servicetest.SendFailure(channels.SendUnknown), "a c…", "open append append close"},
		"unknown, but taken": {taken(channels.SendUnknown), "a b c…", "open append append close"},
		"another error":      {errors.New("some error"), "a c…", "open append append close"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := &servicetest.StreamPlatform{Limits: channels.Limits{Edit: channels.Rate{Count: 100, Per: time.Second}}, OnCall: failing("append", 1, c.err)}
				s := growABC(t, p)
				servicetest.Advance(2999 * time.Millisecond)
				checkShown(t, p, c.before)
				servicetest.Advance(time.Millisecond)
				checkShown(t, p, "a b c")
				if got := names(p.Live("")); got != c.calls || len(p.Calls()) > 0 || s.DeadLetters(t) != nil {
					t.Errorf("calls %q and %d of Send, want %q; dead letters %q", got, len(p.Calls()), c.calls, s.DeadLetters(t))
				}
				holds := s.Holds()
				if blocked := strings.HasPrefix(name, "throttled") && !strings.HasSuffix(name, "one") && c.before == "a…"; blocked != (len(holds) == 1) {
					t.Errorf("held back: %+v", holds)
				}
				for _, h := range holds {
					if h.Reason != "throttled edits" || !s.Resume("chat") || s.Holds() != nil {
						t.Errorf("held back: %+v", h)
					}
				}
			})
		})
	}
}

// A failed Append counts no attempt: the first pause of Close is as short as ever.
func TestFailedAppendCountsNoAttempt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fails := servicetest.SendFailure(channels.SendUnavailable)
		p := &servicetest.StreamPlatform{OnCall: func(_ context.Context, c servicetest.LiveCall) error {
			if c.Call == "append" || c.Call == "close" && c.N == 1 {
				return fails
			}
			return nil
		}}
		var texts []string
		for range 60 {
			texts = append(texts, "a")
		}
		s := grow(t, p, pieces(nil, nil, texts...))
		s.Post(t, "chat", "ann", "one")
		servicetest.Advance(62 * time.Second)
		closes := p.Live("close")
		if len(p.Live("append")) < 4 || len(closes) != 2 || closes[1].At.Sub(closes[0].At) > time.Second {
			t.Errorf("%d appends, closes %+v", len(p.Live("append")), closes)
		}
		checkShown(t, p, strings.Repeat("a", 60))
	})
}

// What a failed Close means: see docs/delivery.md.
func TestCloseFails(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		err   error
		times int
		want  []string // of the messages
		calls string
		sends int
	}{
		"gone":               {servicetest.SendFailure(channels.SendGone), 1, []string{"a b…"}, "open append close", 0},
		"rejected":           {servicetest.SendFailure(channels.SendRejected), 1, []string{"a b…", "a b c"}, "open append close", 1},
		"unavailable":        {servicetest.SendFailure(channels.SendUnavailable), 3, []string{"a b c"}, "open append close close close close", 0},
		"throttled":          {servicetest.Throttled(5*time.Second, channels.ScopeAddress), 1, []string{"a b c"}, "open append close close", 0},
		"unknown":            {servicetest.SendFailure(channels.SendUnknown), 1, []string{"a b c"}, "open append close close", 0},
		"unknown, but taken": {taken(channels.SendUnknown), 1, []string{"a b c"}, "open append close close", 0},
		"unauthorized":       {servicetest.SendFailure(channels.SendUnauthorized), 1, []string{"a b c"}, "open append close close", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := &servicetest.StreamPlatform{OnCall: failing("close", c.times, c.err)}
				s := grow(t, p, pieces(&channels.Reply{Text: private + "a b c"}, nil, "a", " b"))
				s.Post(t, "chat", "ann", "one", "two")
				servicetest.Advance(2 * time.Minute)
				checkShown(t, p, append(c.want, "two")...)
				if got := names(p.Live("")); got != c.calls || len(p.Calls()) != c.sends+1 || s.DeadLetters(t) != nil {
					t.Errorf("calls %q and %d of Send, want %q and %d; dead letters %q", got, len(p.Calls()), c.calls, c.sends+1, s.DeadLetters(t))
				}
				closes := p.Live("close")
				if last := closes[len(closes)-1]; len(closes) > 1 && last.Piece != private+"a b c" {
					t.Errorf("the last close adds %q, want the whole text: nobody knows what is shown", last.Piece)
				}
			})
		})
	}
}

// A platform that takes no edit after a while gets the text once more.
func TestCloseTooLate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &servicetest.StreamPlatform{EditFor: 1500 * time.Millisecond, Limits: channels.Limits{Key: channels.Rate{Count: 1, Per: time.Second}}}
		growABC(t, p)
		servicetest.Advance(time.Minute)
		checkShown(t, p, "a b…", "a b c")
	})
}

// An Open that fails is tried again; one that is refused for good leaves an ordinary part.
func TestOpenFails(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		err     error
		times   int
		want    []string
		sends   int
		letters []string
	}{
		"rejected":                {err: servicetest.SendFailure(channels.SendRejected), times: servicetest.Always, want: []string{"a b c"}, sends: 1},
		"gone":                    {err: servicetest.SendFailure(channels.SendGone), times: servicetest.Always, want: []string{"a b c"}, sends: 1},
		"unavailable, twice":      {err: servicetest.SendFailure(channels.SendUnavailable), times: 2, want: []string{"a b c"}},
		"unavailable, for long":   {err: servicetest.SendFailure(channels.SendUnavailable), times: servicetest.Always, want: []string{"a b c"}, sends: 1},
		"throttled":               {err: servicetest.Throttled(2*time.Second, channels.ScopeAddress), times: 1, want: []string{"a b c"}},
		"unknown, but taken":      {err: taken(channels.SendUnknown), times: 1, want: []string{"a…", "a b c"}},
		"unauthorized, then good": {err: servicetest.SendFailure(channels.SendUnauthorized), times: 1, want: []string{"a b c"}, sends: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := &servicetest.StreamPlatform{OnCall: failing("open", c.times, c.err)}
				s := growABC(t, p)
				servicetest.Advance(2 * time.Minute)
				checkShown(t, p, c.want...)
				if diff := cmp.Diff(c.letters, s.DeadLetters(t)); diff != "" || len(p.Calls()) != c.sends {
					t.Errorf("%d calls of Send, want %d; dead letters (-want +got):\n%s", len(p.Calls()), c.sends, diff)
				}
			})
		})
	}
}

// A channel that panics harms only the call.
func TestLiveCallPanics(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"open", "append", "close"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := &servicetest.StreamPlatform{OnCall: func(_ context.Context, c servicetest.LiveCall) error {
					if c.Call == name && c.N == 1 {
						panic("the channel is broken")
					}
					return nil
				}}
				growABC(t, p)
				servicetest.Advance(time.Minute)
				checkShown(t, p, "a b c")
			})
		})
	}
}

// A call that does not end with its context is left behind. The text is complete all the
// same, and only its own conversation waits for that.
func TestLiveCallHangs(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"open", "append", "close"} {
		for _, deaf := range []bool{false, true} {
			t.Run(name+map[bool]string{true: ", deaf"}[deaf], func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					release := make(chan struct{})
					p := &servicetest.StreamPlatform{OnCall: func(ctx context.Context, c servicetest.LiveCall) error {
						if c.Call != name || c.N > 1 {
							return nil
						}
						if deaf {
							<-release
						} else {
							<-ctx.Done()
						}
						return ctx.Err()
					}}
					s := growABC(t, p)
					s.Post(t, "chat", "bob", "two")
					if diff := cmp.Diff([]string{"two"}, p.Shown("chat", "bob")); diff != "" {
						t.Errorf("shown to bob (-want +got):\n%s", diff)
					}
					servicetest.Advance(2 * time.Minute)
					checkShown(t, p, "a b c")
					close(release)
				})
			})
		}
	}
}
