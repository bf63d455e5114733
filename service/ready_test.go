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
	"github.com/manyvox/manyvox/service/servicetest"
)

// TestReadyWhileTheJournalCanBeWritten lets a journal fail and work again. /readyz shows
// it, and after a while says ready again, so that a message tries the journal.
func TestReadyWhileTheJournalCanBeWritten(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := servicetest.NewFaultyJournal()
		full := func() error { return errors.New("disk full") }
		s := servicetest.NewHarness(t, &servicetest.FakePlatform{}, service.Config{Agent: servicetest.Echo(), Journal: f, JournalHealth: &f.Health})
		ready := func(want int) {
			t.Helper()
			if res := servicetest.Record(s.Handler(), httptest.NewRequest(http.MethodGet, "/readyz", nil)); res.Code != want {
				t.Errorf("/readyz: %d %s, want %d", res.Code, res.Body, want)
			}
		}
		post := func(want error) {
			t.Helper()
			err := s.Inbox(t, "chat").Post(t.Context(), channels.Message{Sender: "ann", ID: time.Now().String(), Text: servicetest.Private})
			if !errors.Is(err, want) {
				t.Errorf("Post: %v, want %v", err, want)
			}
		}
		ready(200)
		f.Set(func() { f.OnEnqueue = full })
		ready(200) // no commit has failed yet
		post(channels.ErrUnavailable)
		ready(503)
		servicetest.Advance(10 * time.Second)
		ready(503)
		servicetest.Advance(time.Second)
		ready(200)
		post(channels.ErrUnavailable)
		ready(503)
		f.Set(func() { f.OnEnqueue = nil })
		post(nil)
		ready(200)
		s.CheckMetrics(t, "journal_errors_total 2")
	})
}

// lockless is a journal that cannot give a lock, and reports the error as a store does.
type lockless struct{ *servicetest.FaultyJournal }

func (j lockless) Acquire(context.Context, channels.Conversation, int) (journal.Lock, error) {
	err := errors.New("connection refused")
	j.Health.Committed(err)
	return journal.Lock{}, err
}

func TestReadyWithoutLocks(t *testing.T) {
	t.Parallel()
	servicetest.EachRoute(t, func(t *testing.T, r servicetest.Route) {
		f := servicetest.NewFaultyJournal()
		h := servicetest.InBubble(t, service.Config{
			Channels: servicetest.Channels(t, "rest:\n"), Agent: servicetest.UncalledAgent(t), Journal: lockless{f}, JournalHealth: &f.Health,
		}, servicetest.Timeout)
		got := <-servicetest.AskAsync(t.Context(), h, r, servicetest.Question{Sender: "ann", Text: "hi"})
		if got.Code != "unavailable" || got.Message != "the journal does not answer now" || got.RetryAfter != "1" {
			t.Errorf("%+v", got)
		}
		if status, _ := h.Get(t, "/readyz"); status != http.StatusServiceUnavailable || !strings.Contains(h.Log.String(), "connection refused") {
			t.Errorf("/readyz: %d; the log: %s", status, h.Log)
		}
	})
}
