package sqlite_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/sqlite"
)

// killed returns a directory with a journal of which one run was closed and one was killed.
func killed(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	s := mustOpen(t, dir)
	put(t, s, entryOf("ann", "1", "text"))
	mustClose(t, s)
	runAndKill(t, dir, 50*time.Millisecond)
	return dir
}

// copyFile copies a file, or empties the target when from is "".
func copyFile(t *testing.T, from, to string) {
	t.Helper()
	var content []byte
	if from != "" {
		var err error
		if content, err = os.ReadFile(from); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(to, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

// What was lost between two runs is noticed at the start, and by check, whatever SQLite makes
// of it. Once the marker is deleted the program starts with what there is.
func TestLossIsNoticed(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		lose func(t *testing.T, dir string)
		want string
	}{
		"the log is deleted": {func(t *testing.T, dir string) { remove(t, dir, "journal.db-wal") }, "changes are missing"},
		"the log and its index are deleted": {func(t *testing.T, dir string) {
			remove(t, dir, "journal.db-wal", "journal.db-shm")
		}, "changes are missing"},
		"the log is emptied": {func(t *testing.T, dir string) {
			copyFile(t, "", filepath.Join(dir, "journal.db-wal"))
			remove(t, dir, "journal.db-shm")
		}, "changes are missing"},
		"the journal is emptied": {func(t *testing.T, dir string) { copyFile(t, "", filepath.Join(dir, "journal.db")) }, "journal.db is missing or empty"},
		"the journal is deleted": {func(t *testing.T, dir string) { remove(t, dir, "journal.db") }, "journal.db is missing or empty"},
		"another is in its place": {func(t *testing.T, dir string) {
			other := t.TempDir()
			mustClose(t, mustOpen(t, other))
			remove(t, dir, "journal.db-wal", "journal.db-shm")
			copyFile(t, filepath.Join(other, "journal.db"), filepath.Join(dir, "journal.db"))
		}, "changes are missing"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := killed(t)
			c.lose(t, dir)
			before := files(t, dir)
			_, err := sqlite.Open(t.Context(), dir, sqlite.Options{})
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "docs/recovery.md") {
				t.Fatalf("Open returns error %v, want one with %q", err, c.want)
			}
			if after := files(t, dir); after["journal.db-wal"] < before["journal.db-wal"] {
				t.Errorf("the start has cut the log: %v, then %v", before, after)
			}
			if _, err := sqlite.Type().New().(journal.Inspector).Inspect(t.Context(), journal.Env{DataDir: dir}); err == nil {
				t.Error("Inspect finds nothing")
			}
			remove(t, dir, "journal.marker")
			mustClose(t, mustOpen(t, dir))
		})
	}
}

func remove(t *testing.T, dir string, names ...string) {
	t.Helper()
	for _, name := range names {
		if err := os.Remove(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
}

// A journal that has lost nothing is opened: after a kill, when another program has closed
// it since, with a marker that is older, torn or of no earlier version's.
func TestNoLossIsNoticedWithoutOne(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]func(t *testing.T, dir string){
		"killed": func(*testing.T, string) {},
		"closed by another program": func(t *testing.T, dir string) {
			p := openPrevious(t, dir)
			p.count("inbox")
			p.db.Close()
			if size := files(t, dir)["journal.db-wal"]; size > 0 {
				t.Fatalf("the log of %d bytes is still there", size)
			}
		},
		"without a marker": func(t *testing.T, dir string) { remove(t, dir, "journal.marker") },
		"a torn marker":    func(t *testing.T, dir string) { copyFile(t, "", filepath.Join(dir, "journal.marker")) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := killed(t)
			c(t, dir)
			for range 2 {
				s := mustOpen(t, dir)
				put(t, s, entryOf("eve", time.Now().String(), "text"))
				mustClose(t, s)
			}
			inspection(t, dir)
		})
	}
}

// The marker is brought up to date when the journal is opened, while it is open and when it
// is closed.
func TestMarkerFollows(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	last := ""
	follows := func(when string) {
		t.Helper()
		content, err := os.ReadFile(filepath.Join(dir, "journal.marker"))
		if err != nil {
			t.Fatal(err)
		}
		if now := string(content); now <= last || last != "" && len(now) != len(last) {
			t.Errorf("%s the marker is %q after %q", when, now, last)
		}
		last = string(content)
	}
	synctest.Test(t, func(t *testing.T) {
		s := mustOpen(t, dir)
		follows("opened")
		put(t, s, entryOf("ann", "1", "text"))
		time.Sleep(6 * time.Second)
		synctest.Wait()
		follows("open")
		put(t, s, entryOf("ann", "2", "text"))
		mustClose(t, s)
		follows("closed")
	})
}

// A damaged page is found by check, and damage that keeps the program from starting is named.
func TestDamage(t *testing.T) {
	t.Parallel()
	damage := func(t *testing.T, offset int64) string {
		dir := t.TempDir()
		s := mustOpen(t, dir)
		for i := range 200 {
			put(t, s, entryOf("ann", time.Now().String(), strings.Repeat("text", i)))
		}
		mustClose(t, s)
		f, err := os.OpenFile(filepath.Join(dir, "journal.db"), os.O_RDWR, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if _, err := f.WriteAt([]byte(strings.Repeat("\xa5", 4096)), offset); err != nil {
			t.Fatal(err)
		}
		return dir
	}
	dir := damage(t, 4096*20)
	_, err := sqlite.Type().New().(journal.Inspector).Inspect(t.Context(), journal.Env{DataDir: dir})
	if err == nil || !strings.Contains(err.Error(), "damaged") || !strings.Contains(err.Error(), "docs/recovery.md") {
		t.Errorf("Inspect returns error %v", err)
	}
	if _, err := sqlite.Open(t.Context(), damage(t, 0), sqlite.Options{}); err == nil || !strings.Contains(err.Error(), "the file is damaged, see docs/recovery.md") {
		t.Errorf("Open returns error %v", err)
	}
}
