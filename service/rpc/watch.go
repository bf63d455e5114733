package rpc

import (
	"context"
	"time"

	manyvoxv1 "github.com/manyvox/manyvox/gen/manyvox/v1"
	"github.com/manyvox/manyvox/service/instance"
	"github.com/manyvox/manyvox/service/journal"
)

// cursorEvery is how many events a client is told nothing of before it gets a cursor
// alone: else the one it has may have grown too old when it comes back.
const cursorEvery = 1000

// heartbeatEvery is how long nothing may happen before an empty response says that the stream is
// alive: proxies cut silent ones after a minute.
const heartbeatEvery = 30 * time.Second

// eventWatch is one call of WatchEvents.
type eventWatch struct {
	Events
	filter journal.EventFilter
	// after is the cursor up to which the client has been sent everything, sent the last
	// one that it knows of.
	after, sent int64
	// spoke is when the client was last sent something.
	spoke  time.Time
	stream func(*manyvoxv1.WatchEventsResponse) error
}

// run sends what is there, waits until there may be more, and so on.
func (w *eventWatch) run(ctx context.Context) error {
	for begun := false; ; begun = true {
		changed := w.Journal.Changed() // asked for first: what comes meanwhile closes it
		page, err := w.Journal.Events(ctx, w.filter, w.after, watchPage)
		if err != nil {
			return w.failed(ctx, err)
		}
		if !begun { // only now it is certain that nothing is missed
			if err := w.sendCursor(w.after); err != nil {
				return err
			}
		}
		if err := w.sendAll(&page); err != nil {
			return err
		}
		if w.after-w.sent >= cursorEvery {
			if err := w.sendCursor(w.after); err != nil {
				return err
			}
		}
		if err := w.wait(ctx, changed, page.More); err != nil {
			return err
		}
	}
}

// sendAll sends the events of a page. The client can go on from the cursor of each.
func (w *eventWatch) sendAll(page *journal.EventPage) error {
	for i := range page.Events {
		e := &page.Events[i]
		if err := w.stream(&manyvoxv1.WatchEventsResponse{Event: w.eventOf(e), Cursor: w.Cursors.Of(e.Cursor)}); err != nil {
			return err
		}
		w.sent, w.spoke = e.Cursor, time.Now()
	}
	w.after = page.Next
	return nil
}

// sendCursor sends a cursor alone, to go on from.
func (w *eventWatch) sendCursor(cursor int64) error {
	w.sent, w.spoke = cursor, time.Now()
	return w.stream(&manyvoxv1.WatchEventsResponse{Cursor: w.Cursors.Of(cursor)})
}

// wait returns why the watch ends, nil once there may be more events.
func (w *eventWatch) wait(ctx context.Context, changed <-chan struct{}, more bool) error {
	select { // a busy journal must not outshout the end
	case <-w.Draining:
		return instance.ErrDraining
	default:
	}
	if more {
		return ctx.Err()
	}
	idle := time.NewTimer(time.Until(w.spoke.Add(heartbeatEvery)))
	defer idle.Stop()
	select {
	case <-changed:
		return nil
	case <-idle.C:
		return w.sendCursor(w.after)
	case <-w.Draining:
		return instance.ErrDraining
	case <-ctx.Done():
		return ctx.Err()
	}
}
