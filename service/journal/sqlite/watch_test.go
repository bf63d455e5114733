package sqlite_test

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/sqlite"
)

// watched is an open store, with what it logs and reports.
type watched struct {
	*sqlite.Store
	*testing.T
	dir string
	log bytes.Buffer
	// failures counts the transactions that it reported as failed.
	failures atomic.Int64
}

func openWatched(t *testing.T, dir string) *watched {
	t.Helper()
	w := &watched{T: t, dir: dir}
	s, err := sqlite.Type().New().Open(t.Context(), journal.Env{
		DataDir: dir, Log: slog.New(slog.NewTextHandler(&w.log, nil)), Retention: time.Hour,
		Committed: func(err error) {
			if err != nil {
				w.failures.Add(1)
			}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	w.Store = s.(*sqlite.Store)
	return w
}

// file returns the path of a file of the journal.
func (w *watched) file(name string) string { return filepath.Join(w.dir, name) }

// must ends the test when there is an error.
func (w *watched) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// wantLost checks that nothing is stored any more, and that the error names the path.
func (w *watched) wantLost(path string) {
	w.Helper()
	_, err := w.Enqueue(w.Context(), entryOf("ann", "lost", "text"))
	if err == nil || !strings.Contains(err.Error(), path+" was ") {
		w.Errorf("Enqueue returns error %v, want one that names %s", err, path)
	}
	if w.failures.Load() == 0 {
		w.Error("no failure is reported")
	}
	if n := strings.Count(w.log.String(), "level=ERROR"); n != 1 {
		w.Errorf("%d errors are logged, want one:\n%s", n, w.log.String())
	}
}

// After a silence nothing is acknowledged that would be stored in files that are gone.
func TestFilesThatAreGone(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		lose func(w *watched)
		path string // in the directory
	}{
		"the directory is deleted": {lose: func(w *watched) { w.must(os.RemoveAll(w.dir)) }},
		"the directory is moved":   {lose: func(w *watched) { w.must(os.Rename(w.dir, w.dir+".old")) }},
		"the directory is replaced": {lose: func(w *watched) {
			w.must(os.Rename(w.dir, w.dir+".old"))
			w.must(os.Mkdir(w.dir, 0o700))
		}},
		"the journal is deleted": {lose: func(w *watched) { w.must(os.Remove(w.file("journal.db"))) }, path: "journal.db"},
		"the log is deleted":     {lose: func(w *watched) { w.must(os.Remove(w.file("journal.db-wal"))) }, path: "journal.db-wal"},
		"the lock is deleted":    {lose: func(w *watched) { w.must(os.Remove(w.file("lock"))) }, path: "lock"},
		"the journal is replaced": {path: "journal.db", lose: func(w *watched) {
			content, err := os.ReadFile(w.file("journal.db"))
			w.must(err)
			w.must(os.Remove(w.file("journal.db")))
			w.must(os.WriteFile(w.file("journal.db"), content, 0o600))
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "data")
			synctest.Test(t, func(t *testing.T) {
				w := openWatched(t, dir)
				defer w.Close()
				put(t, w.Store, entryOf("ann", "1", "text"))
				time.Sleep(time.Second) // a silence
				c.lose(w)
				w.wantLost(filepath.Join(dir, c.path))
				w.wantLost(filepath.Join(dir, c.path))
			})
		})
	}
}

// An idle store reports that its files are gone, so that the program is not ready.
func TestIdleStoreSeesThatFilesAreGone(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	synctest.Test(t, func(t *testing.T) {
		w := openWatched(t, dir)
		defer w.Close()
		w.must(os.RemoveAll(dir))
		time.Sleep(6 * time.Second)
		synctest.Wait()
		if w.failures.Load() == 0 {
			t.Error("nothing is reported")
		}
	})
}

// A store whose directory is put back goes on, with all that it had.
func TestFilesThatAreBack(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	synctest.Test(t, func(t *testing.T) {
		w := openWatched(t, dir)
		put(t, w.Store, entryOf("ann", "1", "text"))
		time.Sleep(time.Second)
		w.must(os.Rename(dir, dir+".old"))
		w.wantLost(dir)
		w.must(os.Rename(dir+".old", dir))
		put(t, w.Store, entryOf("ann", "2", "text"))
		mustClose(t, w.Store)
		s := mustOpen(t, dir)
		defer mustClose(t, s)
		depth(t, s, journal.Depth{Inbox: 2})
	})
}

// With the files alone deleted no second program starts while the first runs. With the
// directory deleted one starts, and the first neither writes there nor, when it is closed,
// deletes anything of the second's.
func TestSecondProgram(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	synctest.Test(t, func(t *testing.T) {
		w := openWatched(t, dir)
		put(t, w.Store, entryOf("ann", "1", "text"))
		for _, name := range []string{"journal.db", "journal.db-wal", "journal.db-shm", "journal.marker", "lock"} {
			w.must(os.Remove(w.file(name)))
		}
		if _, err := sqlite.Open(t.Context(), dir, sqlite.Options{LockWait: -1}); err == nil || !strings.Contains(err.Error(), "in use") {
			t.Errorf("a second program starts on the same path, error %v", err)
		}
		w.must(os.RemoveAll(dir))
		second := mustOpen(t, dir)
		put(t, second, entryOf("bob", "1", "text"))
		time.Sleep(time.Second)
		w.wantLost(dir)
		mustClose(t, w.Store)
		put(t, second, entryOf("bob", "2", "text"))
		before := files(t, dir)
		if before["journal.db-wal"] == 0 {
			t.Errorf("the second program's log is gone: %v", before)
		}
		mustClose(t, second)
		s := mustOpen(t, dir)
		defer mustClose(t, s)
		depth(t, s, journal.Depth{Inbox: 2})
	})
}
