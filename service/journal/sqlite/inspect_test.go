package sqlite_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/sqlite"
)

func inspection(t *testing.T, dir string) journal.Inspection {
	t.Helper()
	i, err := sqlite.Type().New().(journal.Inspector).Inspect(t.Context(), journal.Env{DataDir: dir})
	if err != nil {
		t.Fatal(err)
	}
	return i
}

// files returns the names and sizes of what is in a directory.
func files(t *testing.T, dir string) map[string]int64 {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	sizes := map[string]int64{}
	for _, f := range list {
		info, err := f.Info()
		if err != nil {
			t.Fatal(err)
		}
		sizes[f.Name()] = info.Size()
	}
	return sizes
}

// populate stores what is to be counted.
func populate(t *testing.T, s *sqlite.Store) {
	t.Helper()
	put(t, s, entryOf("ann", "1", "text"))
	put(t, s, entryOf("ann", "2", "text"))
	e := entryOf("bob", "3", "text")
	e.Message.Channel = "phone"
	put(t, s, e)
	push := journal.Push{Key: journal.Key{Channel: "web", Sender: "ann", ID: "p"}, Window: time.Hour, Parts: []channels.Part{
		{Channel: "web", Sender: "ann", ID: "p1"}, {Channel: "web", Sender: "ann", ID: "p2"},
	}}
	if known, err := s.Push(t.Context(), push); known != nil || err != nil {
		t.Fatalf("Push returns %+v, error %v", known, err)
	}
	if err := s.Settle(t.Context(), next(t, s, "1").Claim, journal.Step{End: ended(journal.OutcomeFailed)}); err != nil {
		t.Fatal(err)
	}
}

func TestInspect(t *testing.T) {
	t.Parallel()
	populated := journal.Inspection{
		Depth:   journal.Depth{Inbox: 2, Outbox: 2, DeadLetters: 1},
		Waiting: map[string]journal.Waiting{"web": {Inbox: 1, Outbox: 2}, "phone": {Inbox: 1}},
	}
	empty := journal.Inspection{Waiting: map[string]journal.Waiting{}}
	for name, c := range map[string]struct {
		prepare func(t *testing.T, dir string)
		want    journal.Inspection
	}{
		"no directory": {func(*testing.T, string) {}, empty},
		"no file": {func(t *testing.T, dir string) {
			if err := os.Mkdir(dir, 0o700); err != nil {
				t.Fatal(err)
			}
		}, empty},
		"a file that was not made to its end": {func(t *testing.T, dir string) {
			openPrevious(t, mkdir(t, dir)).exec("PRAGMA user_version = 0")
		}, empty},
		"the first schema": {func(t *testing.T, dir string) {
			p := openPrevious(t, mkdir(t, dir))
			p.exec(sqlite.FirstSchema())
			p.enqueue("1")
			p.db.Close()
		}, journal.Inspection{Depth: journal.Depth{Inbox: 1}, Waiting: map[string]journal.Waiting{"web": {Inbox: 1}}}},
		"closed": {func(t *testing.T, dir string) {
			s := mustOpen(t, dir)
			populate(t, s)
			mustClose(t, s)
		}, populated},
		"open": {func(t *testing.T, dir string) {
			s := mustOpen(t, dir)
			t.Cleanup(func() { mustClose(t, s) })
			populate(t, s)
		}, populated},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "a b?#%")
			c.prepare(t, dir)
			before := files(t, dir)
			got := inspection(t, dir)
			if diff := cmp.Diff(before, files(t, dir)); diff != "" {
				t.Errorf("files (-before +after):\n%s", diff)
			}
			c.want.Place, c.want.Bytes = filepath.Join(dir, "journal.db"), before["journal.db"]+before["journal.db-wal"]
			got.Free = 0 // the disk's
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("inspection (-want +got):\n%s", diff)
			}
		})
	}
}

func mkdir(t *testing.T, dir string) string {
	t.Helper()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	return dir
}

// What a killed process had committed is counted, although it is in the write-ahead log
// alone.
func TestInspectAfterKill(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	o := runAndKill(t, dir, 100*time.Millisecond)
	before := files(t, dir)
	if before["journal.db-wal"] == 0 {
		t.Fatalf("the child left %v", before)
	}
	got := inspection(t, dir)
	if diff := cmp.Diff(before, files(t, dir)); diff != "" {
		t.Errorf("files (-before +after):\n%s", diff)
	}
	s := mustOpen(t, dir)
	defer mustClose(t, s)
	want, err := s.Depth(t.Context())
	want.Free = got.Free
	if diff := cmp.Diff(want, got.Depth); diff != "" || err != nil {
		t.Errorf("depth (-opened +inspected), error %v:\n%s", err, diff)
	}
	if got.Inbox+got.Outbox == 0 || len(o.stored) == 0 {
		t.Errorf("inspection %+v of %d messages", got, len(o.stored))
	}
}

func TestInspectNewer(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	openPrevious(t, dir).exec("PRAGMA user_version = 2001")
	_, err := sqlite.Type().New().(journal.Inspector).Inspect(context.Background(), journal.Env{DataDir: dir})
	if err == nil {
		t.Error("a newer schema is inspected")
	}
}
