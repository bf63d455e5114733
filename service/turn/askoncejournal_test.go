package turn_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/memory"
	"github.com/manyvox/manyvox/service/servicetest"
)

// A reply that cannot be recorded is not shown.
func TestAskOnceWithAFailingJournal(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		begin  bool
		settle int // the call that fails, from 1
		texts  []string
		turns  int
		again  string // the code of a repeat
	}{
		"the id":         {begin: true, again: ""},
		"a reply":        {settle: 1, texts: []string{"one", "two"}, turns: 1, again: ""},
		"a second reply": {settle: 2, texts: []string{"one", "two"}, turns: 1, again: ""},
		"the end":        {settle: 3, texts: []string{"one", "two"}, turns: 1, again: ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			servicetest.EachRoute(t, func(t *testing.T, r servicetest.Route) {
				a := &servicetest.CountingAgent{Script: func(ctx context.Context, _ int, r channels.Replier) error {
					err := servicetest.ReplyTexts(ctx, r, "one")
					time.Sleep(servicetest.CommitPause)
					err = errors.Join(err, servicetest.ReplyTexts(ctx, r, "two"))
					time.Sleep(servicetest.CommitPause)
					return err
				}}
				f, calls := servicetest.NewFaultyJournal(), 0
				f.OnBegin = func() error { return servicetest.FailIf(c.begin) }
				f.OnSettleAsk = func() error { calls++; return servicetest.FailIf(calls == c.settle) }
				h := servicetest.InBubble(t, service.Config{Channels: servicetest.Channels(t, "rest:\n"), Agent: a, Journal: f}, servicetest.Timeout)
				code := "unavailable"
				if c.settle > 0 { // is settled in a second attempt
					code = ""
				}
				servicetest.CheckOutcome(t, "the first", <-servicetest.AskAsync(t.Context(), h, r, withID("hi")), code, c.texts...)
				if n := a.Turns(); n != c.turns {
					t.Errorf("%d turns, want %d", n, c.turns)
				}
				f.Set(func() { f.OnBegin = nil })
				got := <-servicetest.AskAsync(t.Context(), h, r, withID("hi"))
				if diff := cmp.Diff(c.again, got.Code); diff != "" || got.Err != nil {
					t.Errorf("a repeat got %+v", got)
				}
			})
		})
	}
}

// A turn that runs in another replica is followed until it is over.
func TestAskOnceElsewhere(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		end  journal.Outcome
		code string
	}{
		"done": {journal.OutcomeDone, ""}, "interrupted": {journal.OutcomeInterrupted, "aborted"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			servicetest.EachRoute(t, func(t *testing.T, r servicetest.Route) {
				store := memory.Open()
				here, there := &servicetest.CountingAgent{Script: replySlowly}, &servicetest.CountingAgent{Script: func(ctx context.Context, n int, r channels.Replier) error {
					err := replySlowly(ctx, n, r)
					if c.end != journal.OutcomeDone {
						err = errors.New("no")
					}
					return err
				}}
				h := servicetest.InBubble(t, service.Config{Channels: servicetest.Channels(t, "rest:\n"), Agent: here, Journal: servicetest.KeepOpen(store)}, servicetest.Timeout)
				other := servicetest.InBubble(t, service.Config{Channels: servicetest.Channels(t, "rest:\n"), Agent: there, Journal: servicetest.KeepOpen(store)}, servicetest.Timeout)
				first := servicetest.AskAsync(t.Context(), other, r, withID("hi"))
				servicetest.Advance(time.Second)
				servicetest.CheckOutcome(t, "who asks here", <-servicetest.AskAsync(t.Context(), h, r, withID("hi")), c.code, "one", "two")
				<-first
				if n := here.Turns(); n != 0 {
					t.Errorf("%d turns here", n)
				}
			})
		})
	}
}

// An Ask with the id of a posted message is refused.
func TestAskOnceOfAPostedMessage(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := servicetest.NewHarness(t, &servicetest.FakePlatform{}, service.Config{Agent: servicetest.Echo()})
		s.Post(t, "chat", "ann", "one")
		err := s.Inbox(t, "chat").Ask(t.Context(), channels.Message{Sender: "ann", ID: "one", Text: "one"}, &channels.Collector{})
		var e *channels.Error
		if !errors.As(err, &e) || e.Code != channels.CodeAlreadyExists {
			t.Errorf("error %v", err)
		}
	})
}
