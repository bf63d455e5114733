package sqlite_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/sqlite"
)

// Sweep deletes as many rows as it is allowed, however they are spread, and all in the
// end: keys, events and conversations.
func TestSweepInParts(t *testing.T) {
	t.Parallel()
	for _, limit := range []int{1, 2, 3, 7, 100, 10_000} {
		t.Run(fmt.Sprint(limit), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				s, err := sqlite.Open(t.Context(), dir, sqlite.Options{Retention: time.Hour})
				if err != nil {
					t.Fatal(err)
				}
				defer mustClose(t, s)
				const conversations, each = 5, 4
				for i := range conversations * each {
					appendMessageEvent(t, s, fmt.Sprint("sender", i%conversations), fmt.Sprint(i))
					put(t, s, entryOf("key", fmt.Sprint(i), "text"))
				}
				ask(t, s, "running")
				time.Sleep(2 * time.Hour)
				appendMessageEvent(t, s, "sender0", "late")
				// Of the messages: the keys, the events, and all conversations but sender0's. Of
				// the asked message: the event and the conversation, but not the key.
				const want = 2*conversations*each + conversations - 1 + 2
				total := 0
				for {
					n, err := s.Sweep(t.Context(), limit)
					if err != nil || n > limit {
						t.Fatalf("Sweep deletes %d of %d, error %v", n, limit, err)
					}
					if total += n; n < limit {
						break
					}
				}
				if total != want {
					t.Errorf("%d rows are swept, want %d", total, want+1)
				}
				for sender, stays := range map[string]bool{"sender0": true, "sender1": false, "ann": false} {
					_, known, err := s.Address(t.Context(), channels.Conversation{Channel: "web", Sender: sender})
					if known != stays || err != nil {
						t.Errorf("%s is known: %v, error %v", sender, known, err)
					}
				}
				known, err := s.Recall(t.Context(), journal.Key{Channel: "web", Sender: "ann", ID: "running"})
				if err != nil || known == nil || known.State != journal.StateRunning {
					t.Errorf("the turn that runs is %+v, error %v", known, err)
				}
			})
		})
	}
}

func appendMessageEvent(t *testing.T, s *sqlite.Store, sender, id string) {
	t.Helper()
	e := journal.MessageEvent(&channels.Message{Channel: "web", Sender: sender, ID: id, Received: time.Now()})
	if err := s.AppendEvents(t.Context(), e); err != nil {
		t.Fatal(err)
	}
}
