//go:build unix

package postgres_test

import (
	"context"
	"testing"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/journaltest"
	"github.com/manyvox/manyvox/service/journal/postgres"
)

// openMuted opens a store whose database gives no answer from when a request holds the word
// until unmute is closed.
func openMuted(t *testing.T, word string) (s *postgres.Store, unmute chan struct{}) {
	t.Helper()
	server := shared.get(t)
	h, way := newMutingProxy(t, server.URL(server.Database(t)), word)
	o := shortLease()
	o.Timeout, o.Lease = time.Second, 20*time.Second
	s = openReplica(t, way, o)
	s.OpenOutbox(journaltest.Slots("web"))
	return s, h.unmute
}

// again repeats a call until it succeeds.
func again(t *testing.T, call func(context.Context) error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), testTimeout)
	defer cancel()
	if !retry(ctx, func() error { return call(ctx) }) {
		t.Fatal("the call does not succeed")
	}
}

// wantEvents checks how many events there are besides that of the message.
func wantEvents(t *testing.T, s *postgres.Store, want int) {
	t.Helper()
	page, err := s.Events(t.Context(), journal.EventFilter{}, -1, 9)
	if err != nil || len(page.Events) != want+1 {
		t.Errorf("events %+v, error %v; want %d and the message", page.Events, err, want)
	}
}

// Progress whose outcome the caller did not learn may have been committed. It is not committed
// twice, and the outcome of the attempt is none of it.
func TestUnknownProgress(t *testing.T) {
	t.Parallel()
	for name, repeated := range map[string]bool{"the same progress": true, "the outcome": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, unmute := openMuted(t, "progress-one")
			beginLive(t, s)
			d := nextLive(t, s, "begins", growsHere)
			sent := channels.Event{Kind: channels.EventSent, Channel: "web", Sender: "bob", Time: time.Now()}
			progress := journal.LiveProgress{
				Part: livePart("progress-one"), Receipt: &channels.Receipt{ID: "r"}, Events: []channels.Event{sent},
			}
			if err := s.KeepLive(t.Context(), d.Claim, progress); err == nil {
				t.Fatal("KeepLive learns the outcome")
			}
			close(unmute)
			if repeated {
				again(t, func(ctx context.Context) error { return s.KeepLive(ctx, d.Claim, progress) })
			}
			again(t, func(ctx context.Context) error { return s.SettlePart(ctx, d.Claim, journal.PartOutcome{Counts: true}) })
			d = nextLive(t, s, "progress-one", &journal.Live{Growing: true, Receipt: &channels.Receipt{ID: "r"}})
			if d.Attempts != 1 {
				t.Errorf("%d attempts are counted, want 1", d.Attempts)
			}
			wantEvents(t, s, 1)
		})
	}
}

// A step that begins or completes a live part, and whose outcome the caller did not learn, is
// not committed twice.
func TestUnknownLiveStep(t *testing.T) {
	t.Parallel()
	further := channels.Part{Channel: "web", Sender: "bob", ID: "part-one"}
	begun := further
	for name, c := range map[string]struct {
		begin, step journal.Step
		want        []string
	}{
		"begin": {step: journal.Step{Begin: &begun}, want: []string{"part-one"}},
		"complete": {
			begin: journal.Step{Begin: new(livePart("begins"))},
			step:  journal.Step{Complete: &journal.Completion{ID: "live", Parts: []channels.Part{livePart("whole"), further}}},
			want:  []string{"live", "part-one"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, unmute := openMuted(t, "part-one")
			turn := beginTurn(t, s)
			step(t, s, turn, c.begin)
			if err := s.Settle(t.Context(), turn, c.step); err == nil {
				t.Fatal("Settle learns the outcome")
			}
			close(unmute)
			again(t, func(ctx context.Context) error { return s.Settle(ctx, turn, c.step) })
			again(t, func(ctx context.Context) error { return s.Settle(ctx, turn, journal.Step{End: done()}) })
			for _, id := range c.want {
				settlePart(t, s, nextPart(t, s, id), sentPart)
			}
			wantCounts(t, s, journal.Depth{Free: -1})
		})
	}
}
