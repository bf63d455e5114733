package service_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/journal"
)

// TestReadyWhileTheJournalCanBeWritten lets a journal fill up and empties it again:
// /readyz tells so, and a while later lets messages come to see whether it still is.
func TestReadyWhileTheJournalCanBeWritten(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFaulty()
		full := func() error { return errors.New("disk full") }
		s := perform(t, &platform{}, service.Config{Agent: parrot(), Journal: f, JournalHealth: &f.health})
		ready := func(want int) {
			t.Helper()
			if res := record(s.Handler(), httptest.NewRequest(http.MethodGet, "/readyz", nil)); res.Code != want {
				t.Errorf("/readyz: %d %s, want %d", res.Code, res.Body, want)
			}
		}
		post := func(want error) {
			t.Helper()
			err := s.inbox(t, "chat").Post(t.Context(), channels.Message{Sender: "ann", ID: time.Now().String(), Text: private})
			if !errors.Is(err, want) {
				t.Errorf("Post: %v, want %v", err, want)
			}
		}
		ready(200)
		f.fail(func() { f.enqueue = full })
		ready(200) // nobody knows
		post(channels.ErrUnavailable)
		ready(503)
		pass(10 * time.Second)
		ready(503)
		pass(time.Second)
		ready(200)
		post(channels.ErrUnavailable)
		ready(503)
		f.fail(func() { f.enqueue = nil })
		post(nil)
		ready(200)
		s.counts(t, "journal_errors_total 2")
	})
}

// lockless is a journal that gives nobody a lock, and reports so as a store does.
type lockless struct{ *faulty }

func (j lockless) Acquire(context.Context, channels.Conversation, int) (journal.Lock, error) {
	err := errors.New("connection refused")
	j.health.Committed(err)
	return journal.Lock{}, err
}

func TestReadyWithoutLocks(t *testing.T) {
	t.Parallel()
	eachRoute(t, func(t *testing.T, r route) {
		f := newFaulty()
		h := bubble(t, service.Config{
			Channels: instances(t, "rest:\n"), Agent: quiet(t), Journal: lockless{f}, JournalHealth: &f.health,
		}, patience)
		got := <-asks(t.Context(), h, r, question{sender: "ann", text: "hi"})
		if got.code != "unavailable" || got.message != "the journal does not answer now" || got.retryAfter != "1" {
			t.Errorf("%+v", got)
		}
		if status, _ := h.get(t, "/readyz"); status != http.StatusServiceUnavailable || !strings.Contains(h.log.String(), "connection refused") {
			t.Errorf("/readyz: %d; the log: %s", status, h.log)
		}
	})
}
