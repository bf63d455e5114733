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

// eventAppender commits events, as journal.Events does.
type eventAppender interface {
	AppendEvents(ctx context.Context, es ...channels.Event) error
}

// eventWriter writes the events of callers whose messages have no id, behind their
// answers. Its goroutine lives while there is something to write.
type eventWriter struct {
	journal eventAppender
	log     *slog.Logger
	dropped func(channel string) // counts
	ctx     context.Context      // ends the writing
	stop    context.CancelFunc

	mu      sync.Mutex
	queue   []channels.Event
	bytes   int // of the queue
	writing bool
	// full says that an event was dropped and there was no room since.
	full bool
	// gaps are the conversations of which events were dropped.
	gaps map[channels.Conversation]bool
	// unwritten counts the events of each conversation that are not committed.
	unwritten map[channels.Conversation]int
	// hurry holds a value when somebody waits. changed is sent when events were
	// committed, and when the writing ends.
	hurry   chan struct{}
	changed journal.Broadcast
}

func newEventWriter(j eventAppender, dropped func(channel string), log *slog.Logger) *eventWriter {
	w := &eventWriter{
		journal: j, log: log, dropped: dropped, unwritten: map[channels.Conversation]int{},
		gaps: map[channels.Conversation]bool{}, hurry: make(chan struct{}, 1),
	}
	w.ctx, w.stop = context.WithCancel(context.Background())
	return w
}

// append takes an event to be written. When too many wait it waits a second for room, or
// not at all once one has waited in vain; then it drops the event, counts it, and has a
// gap event written in its place: an answer does not fail because its event cannot be
// written.
func (w *eventWriter) append(ctx context.Context, e channels.Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	size := sizeOf(&e)
	if !w.hasRoom(size) && !w.waitForRoom(ctx, size) {
		w.drop(&e)
		return
	}
	w.full = false
	w.queue = append(w.queue, e)
	w.bytes += size
	w.unwritten[e.Conversation()]++
	w.start()
}

// start starts the writing, unless it goes on.
func (w *eventWriter) start() {
	if !w.writing {
		w.writing = true
		go w.write()
	}
}

func (w *eventWriter) hasRoom(size int) bool {
	return len(w.queue) < maxUnwritten && w.bytes+size <= maxUnwrittenBytes
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

// sizeOf is about how much memory an event takes, in bytes.
func sizeOf(e *channels.Event) int {
	size := 256 + len(e.Sender) + len(e.MessageID) + len(e.Reason)
	if m := e.Message; m != nil {
		size += 256 + len(m.Text) + len(m.Metadata)
	}
	for i := range e.Replies {
		r := &e.Replies[i]
		size += 256 + len(r.Text) + len(r.Image) + len(r.Custom) + len(r.Attachment)
	}
	return size
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

// write commits what is in the queue until it is empty. It pauses before a batch, unless
// the one before left something behind.
func (w *eventWriter) write() {
	pause := writePause
	for w.more() {
		w.pause(pause)
		batch, gaps := w.next()
		if err := w.journal.AppendEvents(w.ctx, append(slices.Clip(batch), gaps...)...); err != nil {
			w.log.Error("events not written yet", "error", err)
			pause = failurePause
			continue
		}
		pause = writePause
		if w.done(batch, gaps) > 0 {
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
	w.writing = len(w.queue)+len(w.gaps) > 0 && w.ctx.Err() == nil
	if !w.writing {
		w.changed.Send()
	}
	return w.writing
}

// next returns the events to commit; they stay in the queue until they are. Gap events
// follow what was in the queue when events were dropped.
func (w *eventWriter) next() (batch, gaps []channels.Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	batch = w.queue[:min(len(w.queue), maxBatch)]
	if len(batch) < len(w.queue) {
		return batch, nil
	}
	for c := range w.gaps {
		gaps = append(gaps, channels.Event{Kind: channels.EventGap, Channel: c.Channel, Sender: c.Sender, Time: time.Now()})
	}
	return batch, gaps
}

// done removes what was committed, wakes those who wait for it, and returns how many
// events are left.
func (w *eventWriter) done(batch, gaps []channels.Event) (left int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i := range batch {
		c := batch[i].Conversation()
		if w.unwritten[c]--; w.unwritten[c] == 0 {
			delete(w.unwritten, c)
		}
		w.bytes -= sizeOf(&batch[i])
	}
	for i := range gaps {
		delete(w.gaps, gaps[i].Conversation())
	}
	clear(batch) // the array lives on
	w.queue = w.queue[len(batch):]
	if len(w.queue) == 0 {
		w.queue = nil
	}
	w.changed.Send()
	return len(w.queue)
}
