package turn

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

const (
	// maxUnwritten is how many events may wait to be written; then turns wait.
	maxUnwritten = 10_000
	// maxBatch is how many are committed at once.
	maxBatch = 1_000
	// writePause is how long the first of them waits for others.
	writePause = 5 * time.Millisecond
	// failurePause is how long the writer waits when the journal fails.
	failurePause = time.Second
)

// eventAppender commits events, as journal.Events does.
type eventAppender interface {
	AppendEvents(ctx context.Context, es ...channels.Event) error
}

// eventWriter writes the events of callers whose messages have no id, behind their
// answers. Its goroutine lives while there is something to write.
type eventWriter struct {
	journal eventAppender
	log     *slog.Logger
	ctx     context.Context // ends the writing
	stop    context.CancelFunc

	mu      sync.Mutex
	queue   []channels.Event
	writing bool
	// unwritten counts the events of each conversation that are not committed.
	unwritten map[channels.Conversation]int
	// hurry holds a value when somebody waits. changed is sent when events were
	// committed, and when the writing ends.
	hurry   chan struct{}
	changed journal.Broadcast
}

func newEventWriter(j eventAppender, log *slog.Logger) *eventWriter {
	w := &eventWriter{journal: j, log: log, unwritten: map[channels.Conversation]int{}, hurry: make(chan struct{}, 1)}
	w.ctx, w.stop = context.WithCancel(context.Background())
	return w
}

// append takes an event to be written. When too many wait it waits too, and drops the
// event when ctx ends: an answer does not fail because its event cannot be written.
func (w *eventWriter) append(ctx context.Context, e channels.Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for len(w.queue) >= maxUnwritten {
		if !w.wait(ctx) {
			w.log.Error("event not written: too many wait", "channel", e.Channel, "message_id", e.MessageID)
			return
		}
	}
	w.queue = append(w.queue, e)
	w.unwritten[e.Conversation()]++
	if !w.writing {
		w.writing = true
		go w.write()
	}
}

// flush returns once the events of the conversation are committed.
func (w *eventWriter) flush(ctx context.Context, c channels.Conversation) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	for w.unwritten[c] > 0 {
		if !w.wait(ctx) {
			return context.Cause(ctx)
		}
	}
	return nil
}

// close returns once everything is written; when ctx ends before, what is left is lost.
func (w *eventWriter) close(ctx context.Context) {
	defer w.stop()
	defer context.AfterFunc(ctx, w.stop)()
	w.mu.Lock()
	defer w.mu.Unlock()
	for w.writing {
		w.wait(context.Background())
	}
	if len(w.queue) > 0 {
		w.log.Error("events not written: the program ends", "events", len(w.queue))
	}
}

// wait waits, unlocked, for a change, and reports whether it came before ctx ended.
func (w *eventWriter) wait(ctx context.Context) bool {
	select {
	case w.hurry <- struct{}{}:
	default:
	}
	changed := w.changed.Wait()
	w.mu.Unlock()
	defer w.mu.Lock()
	select {
	case <-changed:
		return true
	case <-ctx.Done():
		return false
	}
}

// write commits what is in the queue until it is empty.
func (w *eventWriter) write() {
	pause := writePause
	for w.more() {
		select {
		case <-time.After(pause):
		case <-w.hurry:
		case <-w.ctx.Done():
		}
		batch := w.next()
		pause = writePause
		if err := w.journal.AppendEvents(w.ctx, batch...); err != nil {
			w.log.Error("events not written yet", "error", err)
			pause = failurePause
			continue
		}
		w.done(batch)
	}
}

// more reports whether to go on, and ends the writing otherwise.
func (w *eventWriter) more() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.writing = len(w.queue) > 0 && w.ctx.Err() == nil
	if !w.writing {
		w.changed.Send()
	}
	return w.writing
}

// next returns the events to commit; they stay in the queue until they are.
func (w *eventWriter) next() []channels.Event {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.queue[:min(len(w.queue), maxBatch)]
}

// done removes a committed batch from the queue and wakes those who wait for it.
func (w *eventWriter) done(batch []channels.Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i := range batch {
		c := batch[i].Conversation()
		if w.unwritten[c]--; w.unwritten[c] == 0 {
			delete(w.unwritten, c)
		}
	}
	clear(batch) // the array lives on
	w.queue = w.queue[len(batch):]
	if len(w.queue) == 0 {
		w.queue = nil
	}
	w.changed.Send()
}
