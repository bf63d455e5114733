package sqlite_test

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/sqlite"
)

// openOutbox opens the store in dir, and its outbox.
func openOutbox(t *testing.T, dir string) *sqlite.Store {
	t.Helper()
	s := open(t, dir)
	s.OpenOutbox(map[string]int{"chat": 10})
	return s
}

// pushParts stores parts of a sender.
func pushParts(t *testing.T, s *sqlite.Store, sender string, ids ...string) {
	t.Helper()
	for _, id := range ids {
		p := journal.Push{Key: journal.Key{Channel: "chat", Sender: sender, ID: id}, Window: time.Hour}
		p.Parts = []channels.Part{{ID: id, Channel: "chat", Sender: sender, Reply: channels.Reply{Text: id}}}
		if _, err := s.Push(t.Context(), p); err != nil {
			t.Fatal(err)
		}
	}
}

// doubts takes n parts, and settles each with o. It returns which were doubtful.
func doubts(t *testing.T, s *sqlite.Store, n int, o journal.PartOutcome) map[string]bool {
	t.Helper()
	got := map[string]bool{}
	for range n {
		d, err := s.NextPart(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		got[d.Part.ID] = d.Doubtful
		if err := s.SettlePart(t.Context(), d.Claim, o); err != nil {
			t.Fatal(err)
		}
	}
	return got
}

// asKilled returns the directory of a journal as a kill leaves it, while s is open.
func asKilled(t *testing.T, dir string) string {
	t.Helper()
	copied := t.TempDir()
	if err := os.CopyFS(copied, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	return copied
}

// After a kill the first part of each conversation is doubtful, whether it was claimed or not,
// and no other is. It stays so until an attempt counts.
func TestDoubtfulAfterAKill(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := openOutbox(t, dir)
	pushParts(t, s, "ann", "a1", "a2")
	pushParts(t, s, "bob", "b1")
	if diff := cmp.Diff(map[string]bool{"a1": false}, doubts(t, s, 1, journal.PartOutcome{Sent: true})); diff != "" {
		t.Errorf("before the kill: %s", diff)
	}
	pushParts(t, s, "ann", "a3")
	again := openOutbox(t, asKilled(t, dir))
	later := journal.PartOutcome{Retry: time.Time{}}
	if diff := cmp.Diff(map[string]bool{"a2": true, "b1": true}, doubts(t, again, 2, later)); diff != "" {
		t.Errorf("after the kill: %s", diff)
	}
	if diff := cmp.Diff(map[string]bool{"a2": true, "b1": true}, doubts(t, again, 2, journal.PartOutcome{Counts: true})); diff != "" {
		t.Errorf("after they were put back: %s", diff)
	}
	if diff := cmp.Diff(map[string]bool{"a2": false, "b1": false}, doubts(t, again, 2, journal.PartOutcome{Sent: true})); diff != "" {
		t.Errorf("after an attempt: %s", diff)
	}
	pushParts(t, again, "bob", "b2")
	if diff := cmp.Diff(map[string]bool{"a3": false, "b2": false}, doubts(t, again, 2, journal.PartOutcome{Sent: true})); diff != "" {
		t.Errorf("behind them: %s", diff)
	}
	if err := errors.Join(again.Close(), s.Close()); err != nil {
		t.Error(err)
	}
}

// What a program has closed is not doubtful.
func TestNotDoubtfulAfterClose(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := openOutbox(t, dir)
	pushParts(t, s, "ann", "a1")
	if _, err := s.NextPart(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = openOutbox(t, dir)
	if diff := cmp.Diff(map[string]bool{"a1": false}, doubts(t, s, 1, journal.PartOutcome{Sent: true})); diff != "" {
		t.Error(diff)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// What takes the place of a doubtful part is not doubtful.
func TestDoubtEndsWithKeepLive(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := openOutbox(t, dir)
	pushParts(t, s, "ann", "a1")
	again := openOutbox(t, asKilled(t, dir))
	d, err := again.NextPart(t.Context())
	if err != nil || !d.Doubtful {
		t.Fatalf("%+v, %v", d, err)
	}
	d.Part.ID = "a2"
	err = again.KeepLive(t.Context(), d.Claim, journal.LiveProgress{Part: d.Part})
	err = errors.Join(err, again.SettlePart(context.WithoutCancel(t.Context()), d.Claim, journal.PartOutcome{}))
	if err != nil {
		t.Fatal(err)
	}
	for _, doubtful := range doubts(t, again, 1, journal.PartOutcome{Sent: true}) {
		if doubtful {
			t.Error("it is doubtful")
		}
	}
	if err := errors.Join(again.Close(), s.Close()); err != nil {
		t.Error(err)
	}
}
