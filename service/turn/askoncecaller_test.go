package turn_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/instance"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/memory"
	"github.com/manyvox/manyvox/service/servicetest"
)

// A caller that goes away ends its turn, unless its message has an id.
func TestAskOnceOutlivesItsCaller(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		id    string
		turns int
	}{"with an id": {"m1", 1}, "without": {"", 2}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			servicetest.EachRoute(t, func(t *testing.T, r servicetest.Route) {
				h, a := newRunning(t, replySlowly)
				ctx, hangUp := context.WithCancel(t.Context())
				gone := servicetest.AskAsync(ctx, h, r, servicetest.Question{Sender: "ann", Text: "hi", ID: c.id})
				servicetest.Advance(time.Second)
				hangUp()
				<-gone
				servicetest.Advance(time.Second)
				servicetest.CheckOutcome(t, "who comes back", <-servicetest.AskAsync(t.Context(), h, r, servicetest.Question{Sender: "ann", Text: "hi", ID: c.id}), "", "one", "two")
				if n := a.Turns(); n != c.turns {
					t.Errorf("%d turns, want %d", n, c.turns)
				}
			})
		})
	}
}

// A caller whose response timeout passes gets an error. It finds the answer later.
func TestAskOnceAfterTheResponseTimeout(t *testing.T) {
	t.Parallel()
	servicetest.EachRoute(t, func(t *testing.T, r servicetest.Route) {
		a := &servicetest.CountingAgent{Script: replySlowly}
		h := servicetest.InBubble(t, service.Config{Channels: servicetest.Channels(t, "rest:\n"), Agent: a, ResponseTimeout: 10 * time.Second}, servicetest.Timeout)
		servicetest.CheckOutcome(t, "who waits", <-servicetest.AskAsync(t.Context(), h, r, withID("hi")), "deadline_exceeded", "one")
		servicetest.Advance(time.Minute)
		servicetest.CheckOutcome(t, "who comes back", <-servicetest.AskAsync(t.Context(), h, r, withID("hi")), "", "one", "two")
		if n := a.Turns(); n != 1 {
			t.Errorf("%d turns", n)
		}
	})
}

// A turn with an id keeps its place in the queue, and is finished at shutdown although
// its caller is gone.
func TestAskOnceInLineAndAtTheEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := memory.Open()
		a := &servicetest.CountingAgent{Script: replySlowly}
		h := servicetest.InBubble(t, service.Config{Channels: servicetest.Channels(t, "rest:\n"), Agent: a, Journal: servicetest.KeepOpen(store)}, time.Hour)
		first := servicetest.AskAsync(t.Context(), h, servicetest.Routes()[0], servicetest.Question{Sender: "ann", Text: "first"})
		ctx, hangUp := context.WithCancel(t.Context())
		second := servicetest.AskAsync(ctx, h, servicetest.Routes()[0], withID("hi"))
		hangUp()
		<-second
		h.Shutdown()
		servicetest.CheckOutcome(t, "the first", <-first, "", "one", "two")
		if err := <-h.Served; err != nil {
			t.Error(err)
		}
		known, err := store.Recall(t.Context(), journal.Key{Channel: "rest", Sender: "ann", ID: "m1"})
		if err != nil || known == nil || known.State != journal.StateDone || len(known.Replies) != 2 {
			t.Errorf("known %+v, %v", known, err)
		}
	})
}

// A caller that goes away gives up the place of its turn: the turn goes on, until another
// caller needs the place. Then the one that has been alone for longest is ended.
func TestAskOnceGivesPlacesOfCallersThatLeft(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := &servicetest.CountingAgent{Script: replySlowly}
		limits := instance.DefaultLimits()
		limits.Asks = 2
		h := servicetest.InBubble(t, service.Config{Channels: servicetest.Channels(t, "rest:\n"), Agent: a, Limits: limits}, servicetest.Timeout)
		question := func(sender string) servicetest.Question {
			return servicetest.Question{Sender: sender, Text: "hi", ID: "m1"}
		}
		for _, sender := range []string{"first", "second"} {
			ctx, hangUp := context.WithCancel(t.Context())
			gone := servicetest.AskAsync(ctx, h, servicetest.Routes()[0], question(sender))
			hangUp()
			<-gone
		}
		third := servicetest.AskAsync(t.Context(), h, servicetest.Routes()[0], question("third"))
		servicetest.Advance(2 * time.Minute)
		servicetest.CheckOutcome(t, "who stays", <-third, "", "one", "two")
		servicetest.CheckOutcome(t, "the first", <-servicetest.AskAsync(t.Context(), h, servicetest.Routes()[0], question("first")), "aborted", "one")
		servicetest.CheckOutcome(t, "the second", <-servicetest.AskAsync(t.Context(), h, servicetest.Routes()[0], question("second")), "", "one", "two")
		if n := a.Turns(); n != 3 {
			t.Errorf("%d turns", n)
		}
	})
}

// Turns whose callers wait keep their places.
func TestAskOnceCountsTurnsWithCallers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := &servicetest.CountingAgent{Script: replySlowly}
		limits := instance.DefaultLimits()
		limits.Asks = 2
		h := servicetest.InBubble(t, service.Config{Channels: servicetest.Channels(t, "rest:\n"), Agent: a, Limits: limits}, servicetest.Timeout)
		var waiting []<-chan servicetest.Outcome
		for i := range 2 {
			waiting = append(waiting, servicetest.AskAsync(t.Context(), h, servicetest.Routes()[0], servicetest.Question{Sender: fmt.Sprint("s", i), Text: "hi", ID: "m1"}))
		}
		servicetest.CheckOutcome(t, "one more", <-servicetest.AskAsync(t.Context(), h, servicetest.Routes()[0], withID("hi")), "resource_exhausted")
		for i, caller := range waiting {
			servicetest.CheckOutcome(t, fmt.Sprint("caller ", i), <-caller, "", "one", "two")
		}
		servicetest.CheckOutcome(t, "one later", <-servicetest.AskAsync(t.Context(), h, servicetest.Routes()[0], withID("hi")), "", "one", "two")
	})
}
