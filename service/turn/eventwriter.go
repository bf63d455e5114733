package turn

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

const (
	// maxUnwritten and maxUnwrittenBytes are how many events may wait to be written.
	maxUnwritten      = 10_000
	maxUnwrittenBytes = 64 << 20
	// maxGaps is for how many conversations a gap is remembered; beyond, for a channel.
	maxGaps = 10_000
	// roomTime is how long an event waits for room when too many wait.
	roomTime = time.Second
	// maxBatch is how many are committed at once.
	maxBatch = 1_000
	// writePause is how long the first of them waits for others. A transaction costs as
	// much for one event as for a hundred, and who reads them sees them within 100 ms.
	writePause = 50 * time.Millisecond
	// failurePause is how long the writer waits when the journal fails.
	failurePause = time.Second
)

// eventAppender commits events, as journal.Events does. It does not keep the list.
type eventAppender interface {
	AppendEvents(ctx context.Context, es ...channels.Event) error
}

// eventWriter writes the events of callers whose messages have no id, behind their
// answers. The events of a turn that wait together are written one after the other, so that
// a store may keep them as one row. Its goroutine lives while there is something to write.
type eventWriter struct {
	journal eventAppender
	log     *slog.Logger
	dropped func(channel string) // counts
	ctx     context.Context      // ends the writing
	stop    context.CancelFunc

	mu sync.Mutex
	// queue has the turns whose events wait, in the order of the first of each. Batch has
	// the events that are being committed. Their arrays live on.
	queue []*turnEvents
	batch []channels.Event
	// count and bytes are how many events are not committed, and their sizes.
	count, bytes int
	writing      bool
	// full says that an event was dropped and there was no room since.
	full bool
	// gaps are the conversations of which events were dropped.
	gaps map[channels.Conversation]bool
	// hurry holds a value when somebody waits. changed is sent when events were
	// committed, and when the writing ends.
	hurry   chan struct{}
	changed journal.Broadcast
}

func newEventWriter(j eventAppender, dropped func(channel string), log *slog.Logger) *eventWriter {
	w := &eventWriter{
		journal: j, log: log, dropped: dropped,
		gaps: map[channels.Conversation]bool{}, hurry: make(chan struct{}, 1),
	}
	w.ctx, w.stop = context.WithCancel(context.Background())
	return w
}

// start starts the writing, unless it goes on.
func (w *eventWriter) start() {
	if !w.writing {
		w.writing = true
		go w.write()
	}
}

func (w *eventWriter) hasRoom(size int) bool {
	return w.count < maxUnwritten && w.bytes+size <= maxUnwrittenBytes
}

// waitForRoom waits until there is room for an event, and reports whether there is.
func (w *eventWriter) waitForRoom(ctx context.Context, size int) bool {
	if w.full {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, roomTime)
	defer cancel()
	for !w.hasRoom(size) {
		if !w.wait(ctx) {
			return false
		}
	}
	return true
}

// drop gives an event up and remembers the gap.
func (w *eventWriter) drop(e *channels.Event) {
	if !w.full {
		w.log.Error("events are dropped: too many wait to be written")
	}
	w.full = true
	w.dropped(e.Channel)
	conversation := e.Conversation()
	if !w.gaps[conversation] && len(w.gaps) >= maxGaps {
		conversation.Sender = ""
	}
	w.gaps[conversation] = true
}

// flush returns once the events of the conversation are committed.
func (w *eventWriter) flush(ctx context.Context, c channels.Conversation) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	for w.holds(c) {
		if !w.wait(ctx) {
			return context.Cause(ctx)
		}
	}
	return nil
}

// holds reports whether events of the conversation are not committed. It looks at no more
// than maxUnwritten.
func (w *eventWriter) holds(c channels.Conversation) bool {
	for i := range w.batch {
		if w.batch[i].Conversation() == c {
			return true
		}
	}
	return slices.ContainsFunc(w.queue, func(t *turnEvents) bool { return t.waiting[0].Conversation() == c })
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
	if w.count > 0 {
		w.log.Error("events not written: the program ends", "events", w.count)
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

// write commits what is in the queue until it is empty. It pauses before a batch, unless
// the one before left something behind.
func (w *eventWriter) write() {
	pause := writePause
	for w.more() {
		w.pause(pause)
		batch, gaps := w.next()
		if len(gaps) > 0 {
			batch = slices.Concat(batch, gaps)
		}
		if err := w.journal.AppendEvents(w.ctx, batch...); err != nil {
			w.log.Error("events not written yet", "error", err)
			pause = failurePause
			continue
		}
		pause = writePause
		if w.done(gaps) > 0 {
			pause = 0
		}
	}
}

// pause waits for more events, unless somebody waits for those that there are.
func (w *eventWriter) pause(d time.Duration) {
	if d == 0 {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-w.hurry:
	case <-w.ctx.Done():
	}
}

// more reports whether to go on, and ends the writing otherwise.
func (w *eventWriter) more() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.writing = w.count+len(w.gaps) > 0 && w.ctx.Err() == nil
	if !w.writing {
		w.changed.Send()
	}
	return w.writing
}

// next returns the events to commit, which are the same again when that has failed. Gap
// events follow what was in the queue when events were dropped.
func (w *eventWriter) next() (batch, gaps []channels.Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.batch) == 0 {
		w.take()
	}
	if len(w.queue) > 0 {
		return w.batch, nil
	}
	for c := range w.gaps {
		gaps = append(gaps, channels.Event{Kind: channels.EventGap, Channel: c.Channel, Sender: c.Sender, Time: time.Now()})
	}
	return w.batch, gaps
}

// take moves the events of the first turns of the queue to the batch.
func (w *eventWriter) take() {
	turns := 0
	for _, t := range w.queue {
		if w.batch = t.take(w.batch, maxBatch-len(w.batch)); len(t.waiting) > 0 {
			break
		}
		turns++
	}
	w.queue = slices.Delete(w.queue, 0, turns)
}

// done forgets the batch, which was committed, wakes those who wait for it, and returns how
// many events are left.
func (w *eventWriter) done(gaps []channels.Event) (left int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i := range w.batch {
		w.bytes -= w.batch[i].Size()
	}
	w.count -= len(w.batch)
	for i := range gaps {
		delete(w.gaps, gaps[i].Conversation())
	}
	clear(w.batch)
	w.batch = w.batch[:0]
	w.changed.Send()
	return w.count
}
