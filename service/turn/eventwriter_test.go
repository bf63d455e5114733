package turn

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/memory"
)

// slowJournal is a journal that appends events slowly, and fails while it is full.
type slowJournal struct {
	journal.Journal
	mu      sync.Mutex
	full    bool
	calls   int
	dropped int
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
		test(t, newEventWriter(j, func(string) { j.dropped++ }, slog.New(slog.DiscardHandler)), j)
	})
}

func TestEventWriterWritesTogetherAndInOrder(t *testing.T) {
	t.Parallel()
	withEventWriter(t, func(t *testing.T, w *eventWriter, j *slowJournal) {
		const events = 2500
		for i := range events {
			w.newTurn().append(t.Context(), eventNumber("ann", i))
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
		if len(w.queue) > 0 || len(w.batch) > 0 || w.count != 0 || w.writing {
			t.Errorf("left: %d events", w.count)
		}
	})
}

// The events of a turn that wait together are written one after the other, whatever other
// turns do meanwhile; what comes while they are written follows.
func TestEventWriterKeepsTurnsTogether(t *testing.T) {
	t.Parallel()
	withEventWriter(t, func(t *testing.T, w *eventWriter, j *slowJournal) {
		turns := map[string]*turnEvents{"ann": w.newTurn(), "bob": w.newTurn(), "eve": w.newTurn()}
		note := func(sender string, n int) { turns[sender].append(t.Context(), eventNumber(sender, n)) }
		note("ann", 1)
		note("bob", 1)
		note("ann", 2)
		note("bob", 2)
		note("ann", 3)
		time.Sleep(writePause + time.Millisecond/2) // now the journal is at work
		note("bob", 3)
		note("eve", 1)
		note("bob", 4)
		note("ann", 4)
		w.close(t.Context())
		page, err := j.Events(t.Context(), journal.EventFilter{}, -1, 100)
		var got []string
		for _, e := range page.Events {
			got = append(got, e.Sender+e.MessageID)
		}
		want := []string{"ann1", "ann2", "ann3", "bob1", "bob2", "bob3", "bob4", "eve1", "ann4"}
		if diff := cmp.Diff(want, got); diff != "" || err != nil || j.calls != 2 {
			t.Errorf("written in %d calls, error %v (-want +got):\n%s", j.calls, err, diff)
		}
	})
}

// A turn of very many events is written in several commits, and nothing of it is lost when
// one fails.
func TestEventWriterWritesALongTurn(t *testing.T) {
	t.Parallel()
	withEventWriter(t, func(t *testing.T, w *eventWriter, j *slowJournal) {
		const events = 2500
		j.fill(true)
		turn := w.newTurn()
		for i := range events {
			turn.append(t.Context(), eventNumber("ann", i))
		}
		time.Sleep(writePause + time.Millisecond)
		j.fill(false)
		w.close(t.Context())
		if j.calls != 4 {
			t.Errorf("%d calls", j.calls)
		}
		page, err := j.Events(t.Context(), journal.EventFilter{}, -1, 2*events)
		if len(page.Events) != events || err != nil {
			t.Fatalf("%d events written, %v", len(page.Events), err)
		}
		for i, e := range page.Events {
			if e.MessageID != fmt.Sprint(i) {
				t.Fatalf("event %d is %s", i, e.MessageID)
			}
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
		w.newTurn().append(t.Context(), eventNumber("ann", 1))
		if err := w.flush(t.Context(), channels.Conversation{Channel: "web", Sender: "ann"}); err != nil || j.written(t) != 1 {
			t.Errorf("%d written, %v", j.written(t), err)
		}
		if took := time.Since(began); took >= writePause {
			t.Errorf("took %v", took)
		}
	})
}

// While the journal fails, events wait until there are too many. Then one waits a second
// for room, and those after it are dropped at once, counted, and shown as a gap once the
// journal works again. Nothing that was in the queue is lost.
func TestEventWriterWhenTheJournalFails(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text   string
		events int // that find room
	}{"too many": {"", maxUnwritten}, "too large": {strings.Repeat("x", 1<<20), 63}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			withEventWriter(t, func(t *testing.T, w *eventWriter, j *slowJournal) {
				j.fill(true)
				event := func(sender string, n int) channels.Event {
					e := eventNumber(sender, n)
					e.Replies = []channels.Reply{{Text: c.text}}
					return e
				}
				for i := range c.events {
					w.newTurn().append(t.Context(), event("ann", i))
				}
				for i, want := range []time.Duration{roomTime, 0, 0} {
					began := time.Now()
					w.newTurn().append(t.Context(), event("bob", i))
					if took := time.Since(began); took != want {
						t.Errorf("event %d that finds no room waits %v, want %v", i, took, want)
					}
				}
				bounded, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				if err := w.flush(bounded, channels.Conversation{Channel: "web", Sender: "ann"}); !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("flush returns %v", err)
				}
				if j.calls > 5 {
					t.Errorf("%d attempts in 2 s", j.calls)
				}
				j.fill(false)
				if err := w.flush(t.Context(), channels.Conversation{Channel: "web", Sender: "ann"}); err != nil {
					t.Error(err)
				}
				w.newTurn().append(t.Context(), event("bob", 9))
				w.close(t.Context())
				page, err := j.Events(t.Context(), journal.EventFilter{Channel: "web", Sender: "bob"}, -1, 10)
				if err != nil || len(page.Events) != 2 || page.Events[0].Kind != channels.EventGap || page.Events[1].MessageID != "9" {
					t.Errorf("%d events of bob, %v", len(page.Events), err)
				}
				if got := j.written(t); got != c.events+2 || w.bytes != 0 || j.dropped != 3 {
					t.Errorf("%d written, %d dropped, %d bytes left", got, j.dropped, w.bytes)
				}
			})
		})
	}
}

func TestEventWriterClosesInTime(t *testing.T) {
	t.Parallel()
	withEventWriter(t, func(t *testing.T, w *eventWriter, j *slowJournal) {
		j.fill(true)
		w.newTurn().append(t.Context(), eventNumber("ann", 1))
		began := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		w.close(ctx)
		if took := time.Since(began); took < time.Minute || took > time.Minute+time.Second {
			t.Errorf("took %v", took)
		}
	})
}
