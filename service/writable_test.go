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
		s := perform(t, &platform{}, service.Config{Agent: parrot(), Journal: f})
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

// lineless is a journal that gives nobody a place in line.
type lineless struct{ journal.Journal }

func (lineless) Acquire(context.Context, channels.Conversation, int) (journal.Lock, error) {
	return journal.Lock{}, errors.New("connection refused")
}

func TestNoPlaceInLine(t *testing.T) {
	t.Parallel()
	eachRoute(t, func(t *testing.T, r route) {
		h := bubble(t, service.Config{Instances: instances(t, "rest:\n"), Agent: quiet(t), Journal: lineless{newFaulty()}}, patience)
		got := <-asks(t.Context(), h, r, question{sender: "ann", text: "hi"})
		if got.code != "unavailable" || got.message != "the journal does not answer now" || got.retryAfter != "1" {
			t.Errorf("%+v", got)
		}
		if status, _ := h.get(t, "/readyz"); status != http.StatusServiceUnavailable || !strings.Contains(h.log.String(), "connection refused") {
			t.Errorf("/readyz: %d; the log: %s", status, h.log)
		}
	})
}

// A time that has no JSON form, as of milliseconds taken for seconds, is not stored.
func TestReceivedIsATime(t *testing.T) {
	t.Parallel()
	for name, received := range map[string]time.Time{
		"too late": time.Unix(1763830000000, 0), "to come": time.Now().Add(time.Hour), "too early": time.Unix(-1e11, 0),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			open := reopenings()[1].open(t)
			store := open()
			h := listen(t, service.Config{
				Instances: instances(t, "rest:\n"), Agent: says("hi"), Journal: store,
				Policies: []service.Policy{func(_ context.Context, m *channels.Message) error { m.Received = received; return nil }},
			})
			for _, id := range []string{"", "m1"} {
				if got, err := routes()[0].ask(t.Context(), h, question{sender: "ann", text: "hi", id: id}); err != nil || got.code != "" {
					t.Errorf("%+v, %v", got, err)
				}
			}
			for changed := store.Changed(); len(events(t, store)) < 4; changed = store.Changed() {
				await(t, "an event", changed)
			}
			if age := time.Since(events(t, store)[0].Time); age < 0 || age > time.Minute {
				t.Errorf("the message came %v ago", age)
			}
		})
	}
}
