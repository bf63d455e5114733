package turn

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/memory"
)

// slowJournal is a journal that appends events slowly, and fails while it is full.
type slowJournal struct {
	journal.Journal
	mu    sync.Mutex
	full  bool
	calls int
}

func (j *slowJournal) AppendEvents(ctx context.Context, es ...channels.Event) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.calls++; j.full {
		return errors.New("disk full")
	}
	time.Sleep(time.Millisecond)
	return j.Journal.AppendEvents(ctx, es...)
}

func (j *slowJournal) fill(full bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.full = full
}

func (j *slowJournal) written(t *testing.T) int {
	t.Helper()
	cursor, err := j.Newest(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return int(cursor)
}

// eventNumber is the nth event of a sender.
func eventNumber(sender string, n int) channels.Event {
	return channels.Event{Kind: channels.EventReply, Channel: "web", Sender: sender, MessageID: fmt.Sprint(n)}
}

func withEventWriter(t *testing.T, test func(*testing.T, *eventWriter, *slowJournal)) {
	synctest.Test(t, func(t *testing.T) {
		j := &slowJournal{Journal: memory.Open()}
		test(t, newEventWriter(j, slog.New(slog.DiscardHandler)), j)
	})
}

func TestEventWriterWritesTogetherAndInOrder(t *testing.T) {
	t.Parallel()
	withEventWriter(t, func(t *testing.T, w *eventWriter, j *slowJournal) {
		const events = 2500
		for i := range events {
			w.append(t.Context(), eventNumber("ann", i))
		}
		w.close(t.Context())
		if j.written(t) != events || j.calls != 3 {
			t.Errorf("%d events written in %d calls", j.written(t), j.calls)
		}
		page, err := j.Events(t.Context(), journal.EventFilter{}, -1, events)
		for i, e := range page.Events {
			if e.MessageID != fmt.Sprint(i) {
				t.Fatalf("event %d is %s, %v", i, e.MessageID, err)
			}
		}
		if w.queue != nil || len(w.unwritten) > 0 || w.writing {
			t.Errorf("left: %d events, %v", len(w.queue), w.unwritten)
		}
	})
}

// Flush waits until the events of the conversation are written, and no longer.
func TestEventWriterFlushes(t *testing.T) {
	t.Parallel()
	withEventWriter(t, func(t *testing.T, w *eventWriter, j *slowJournal) {
		began := time.Now()
		if err := w.flush(t.Context(), channels.Conversation{Channel: "web", Sender: "ann"}); err != nil || time.Since(began) > 0 {
			t.Errorf("waits for nothing, %v", err)
		}
		w.append(t.Context(), eventNumber("ann", 1))
		if err := w.flush(t.Context(), channels.Conversation{Channel: "web", Sender: "ann"}); err != nil || j.written(t) != 1 {
			t.Errorf("%d written, %v", j.written(t), err)
		}
		if took := time.Since(began); took >= writePause {
			t.Errorf("took %v", took)
		}
	})
}

// A journal that fails loses nothing when it recovers; turns wait when too much is
// unwritten, and give up with their ctx.
func TestEventWriterWhenTheJournalFails(t *testing.T) {
	t.Parallel()
	withEventWriter(t, func(t *testing.T, w *eventWriter, j *slowJournal) {
		j.fill(true)
		for i := range maxUnwritten {
			w.append(t.Context(), eventNumber("ann", i))
		}
		bounded, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		w.append(bounded, eventNumber("ann", -1))
		if bounded.Err() == nil {
			t.Error("one more is taken at once")
		}
		if err := w.flush(bounded, channels.Conversation{Channel: "web", Sender: "ann"}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("flush returns %v", err)
		}
		if j.calls > 3 {
			t.Errorf("%d attempts in a second", j.calls)
		}
		j.fill(false)
		w.append(t.Context(), eventNumber("bob", 0))
		w.close(t.Context())
		if got := j.written(t); got != maxUnwritten+1 {
			t.Errorf("%d written", got)
		}
	})
}

func TestEventWriterClosesInTime(t *testing.T) {
	t.Parallel()
	withEventWriter(t, func(t *testing.T, w *eventWriter, j *slowJournal) {
		j.fill(true)
		w.append(t.Context(), eventNumber("ann", 1))
		began := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		w.close(ctx)
		if took := time.Since(began); took < time.Minute || took > time.Minute+time.Second {
			t.Errorf("took %v", took)
		}
	})
}
