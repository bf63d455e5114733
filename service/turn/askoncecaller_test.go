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

// A turn whose caller hung up still counts: nobody gets round the limit by hanging up.
func TestAskOnceCountsTurnsWithoutCallers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := &servicetest.CountingAgent{Script: replySlowly}
		limits := instance.DefaultLimits()
		limits.Asks = 2
		h := servicetest.InBubble(t, service.Config{Channels: servicetest.Channels(t, "rest:\n"), Agent: a, Limits: limits}, servicetest.Timeout)
		for i := range 5 {
			ctx, hangUp := context.WithCancel(t.Context())
			gone := servicetest.AskAsync(ctx, h, servicetest.Routes()[0], servicetest.Question{Sender: fmt.Sprint("s", i), Text: "hi", ID: "m1"})
			hangUp()
			<-gone
		}
		if n := a.Turns(); n != 2 {
			t.Errorf("%d turns at once", n)
		}
		servicetest.CheckOutcome(t, "one more", <-servicetest.AskAsync(t.Context(), h, servicetest.Routes()[0], withID("hi")), "resource_exhausted")
		servicetest.Advance(2 * time.Minute)
		servicetest.CheckOutcome(t, "one later", <-servicetest.AskAsync(t.Context(), h, servicetest.Routes()[0], withID("hi")), "", "one", "two")
	})
}
