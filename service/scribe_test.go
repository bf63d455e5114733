package service

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

// notebook is a journal whose Note is slow, and fails while it is full.
type notebook struct {
	journal.Journal
	mu    sync.Mutex
	full  bool
	calls int
}

func (n *notebook) AppendEvents(ctx context.Context, es ...channels.Event) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.calls++; n.full {
		return errors.New("disk full")
	}
	time.Sleep(time.Millisecond)
	return n.Journal.AppendEvents(ctx, es...)
}

func (n *notebook) fill(full bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.full = full
}

func (n *notebook) written(t *testing.T) int {
	t.Helper()
	cursor, err := n.Newest(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return int(cursor)
}

// noted is the nth event of a sender.
func noted(sender string, n int) channels.Event {
	return channels.Event{Kind: channels.EventReply, Channel: "web", Sender: sender, MessageID: fmt.Sprint(n)}
}

func withScribe(t *testing.T, test func(*testing.T, *scribe, *notebook)) {
	synctest.Test(t, func(t *testing.T) {
		n := &notebook{Journal: memory.Open()}
		test(t, newScribe(n, slog.New(slog.DiscardHandler)), n)
	})
}

func TestScribeWritesTogetherAndInOrder(t *testing.T) {
	t.Parallel()
	withScribe(t, func(t *testing.T, w *scribe, n *notebook) {
		const events = 2500
		for i := range events {
			w.note(t.Context(), noted("ann", i))
		}
		w.close(t.Context())
		if n.written(t) != events || n.calls != 3 {
			t.Errorf("%d events written in %d calls", n.written(t), n.calls)
		}
		page, err := n.Events(t.Context(), journal.EventFilter{}, -1, events)
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

// Who waits for a conversation waits until it is written, and no longer than that.
func TestScribeSettles(t *testing.T) {
	t.Parallel()
	withScribe(t, func(t *testing.T, w *scribe, n *notebook) {
		began := time.Now()
		if err := w.settle(t.Context(), channels.Conversation{Channel: "web", Sender: "ann"}); err != nil || time.Since(began) > 0 {
			t.Errorf("waits for nothing, %v", err)
		}
		w.note(t.Context(), noted("ann", 1))
		if err := w.settle(t.Context(), channels.Conversation{Channel: "web", Sender: "ann"}); err != nil || n.written(t) != 1 {
			t.Errorf("%d written, %v", n.written(t), err)
		}
		if took := time.Since(began); took >= writePause {
			t.Errorf("took %v", took)
		}
	})
}

// A journal that fails loses nothing when it recovers; turns wait when too much is
// unwritten, and give up with their ctx.
func TestScribeWhenTheJournalFails(t *testing.T) {
	t.Parallel()
	withScribe(t, func(t *testing.T, w *scribe, n *notebook) {
		n.fill(true)
		for i := range mostUnwritten {
			w.note(t.Context(), noted("ann", i))
		}
		bounded, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		w.note(bounded, noted("ann", -1))
		if bounded.Err() == nil {
			t.Error("one more is taken at once")
		}
		if err := w.settle(bounded, channels.Conversation{Channel: "web", Sender: "ann"}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("settle returns %v", err)
		}
		if n.calls > 3 {
			t.Errorf("%d attempts in a second", n.calls)
		}
		n.fill(false)
		w.note(t.Context(), noted("bob", 0))
		w.close(t.Context())
		if got := n.written(t); got != mostUnwritten+1 {
			t.Errorf("%d written", got)
		}
	})
}

func TestScribeClosesInTime(t *testing.T) {
	t.Parallel()
	withScribe(t, func(t *testing.T, w *scribe, n *notebook) {
		n.fill(true)
		w.note(t.Context(), noted("ann", 1))
		began := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		w.close(ctx)
		if took := time.Since(began); took < time.Minute || took > time.Minute+time.Second {
			t.Errorf("took %v", took)
		}
	})
}
