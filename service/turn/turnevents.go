package turn

import (
	"context"
	"slices"

	"github.com/manyvox/manyvox/channels"
)

// turnEvents are the events of one turn on their way to the journal. They wait together
// until the writer takes them; those that come later wait anew.
type turnEvents struct {
	writer *eventWriter
	// waiting is in the writer's queue while it is not empty. The writer's lock guards it.
	waiting []channels.Event
	room    [2]channels.Event // for a short turn
}

func (w *eventWriter) newTurn() *turnEvents {
	t := &turnEvents{writer: w}
	t.waiting = t.room[:0]
	return t
}

// append takes an event to be written. When too many wait it waits a second for room, or
// not at all once one has waited in vain; then it drops the event, counts it, and has a
// gap event written in its place: an answer does not fail because its event cannot be
// written.
func (t *turnEvents) append(ctx context.Context, e channels.Event) {
	w := t.writer
	w.mu.Lock()
	defer w.mu.Unlock()
	size := e.Size()
	if !w.hasRoom(size) && !w.waitForRoom(ctx, size) {
		w.drop(&e)
		return
	}
	w.full = false
	if len(t.waiting) == 0 {
		w.queue = append(w.queue, t)
	}
	t.waiting = append(t.waiting, e)
	w.count++
	w.bytes += size
	w.start()
}

// take moves up to limit events to a batch. The writer calls it under its lock.
func (t *turnEvents) take(batch []channels.Event, limit int) []channels.Event {
	n := min(len(t.waiting), limit)
	batch = append(batch, t.waiting[:n]...)
	t.waiting = slices.Delete(t.waiting, 0, n)
	return batch
}
