package service

import (
	"context"

	manyvoxv1 "github.com/manyvox/manyvox/gen/manyvox/v1"
	"github.com/manyvox/manyvox/service/journal"
)

// cursorEvery is how many events a client is told nothing of before it gets a cursor
// alone: else the one it has may have grown too old when it comes back.
const cursorEvery = 1000

// eventWatch is one call of WatchEvents.
type eventWatch struct {
	conversations
	filter journal.EventFilter
	// after is the cursor up to which the client has been sent everything, told the last
	// one that it knows of.
	after, told int64
	send        func(*manyvoxv1.WatchEventsResponse) error
}

// run sends what is there, waits until there may be more, and so on.
func (w *eventWatch) run(ctx context.Context) error {
	for begun := false; ; begun = true {
		changed := w.s.journal.Changed() // asked for first: what comes meanwhile closes it
		page, err := w.s.journal.Events(ctx, w.filter, w.after, watchPage)
		if err != nil {
			return w.failed(ctx, err)
		}
		if !begun { // only now it is certain that nothing is missed
			if err := w.tell(w.after); err != nil {
				return err
			}
		}
		if err := w.sendAll(&page); err != nil {
			return err
		}
		if w.after-w.told >= cursorEvery {
			if err := w.tell(w.after); err != nil {
				return err
			}
		}
		if err := w.wait(ctx, changed, page.More); err != nil {
			return err
		}
	}
}

func (w *eventWatch) sendAll(page *journal.EventPage) error {
	for i := range page.Events {
		e := &page.Events[i]
		if err := w.send(&manyvoxv1.WatchEventsResponse{Event: rpcEvent(e), Cursor: e.Cursor}); err != nil {
			return err
		}
		w.told = e.Cursor
	}
	w.after = page.Next
	return nil
}

// tell lets the client know a cursor to go on from.
func (w *eventWatch) tell(cursor int64) error {
	w.told = cursor
	return w.send(&manyvoxv1.WatchEventsResponse{Cursor: cursor})
}

// wait returns why the watch ends, nil once there may be more events.
func (w *eventWatch) wait(ctx context.Context, changed <-chan struct{}, more bool) error {
	select { // a busy journal must not outshout the end
	case <-w.s.drained:
		return errDraining
	default:
	}
	if more {
		return ctx.Err()
	}
	select {
	case <-changed:
		return nil
	case <-w.s.drained:
		return errDraining
	case <-ctx.Done():
		return ctx.Err()
	}
}
