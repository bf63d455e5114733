package sqlite_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/manyvox/manyvox/service/journal/sqlite"
)

func mustOpen(t *testing.T, dir string) *sqlite.Store {
	t.Helper()
	return open(t, dir)
}

func mustClose(t *testing.T, s *sqlite.Store) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
}

func TestFilesAreTheOwners(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "a b?#%", ".manyvox")
	s := mustOpen(t, dir)
	defer mustClose(t, s)
	for path, want := range map[string]os.FileMode{
		"": os.ModeDir | 0o700, "journal.db": 0o600, "journal.db-wal": 0o600, "journal.db-shm": 0o600, "lock": 0o600,
	} {
		info, err := os.Stat(filepath.Join(dir, path))
		if err != nil {
			t.Error(err)
		} else if info.Mode() != want {
			t.Errorf("%q has mode %v, want %v", path, info.Mode(), want)
		}
	}
}

func TestRelativeDirectory(t *testing.T) {
	t.Parallel()
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	relative, err := filepath.Rel(here, dir)
	if err != nil {
		t.Fatal(err)
	}
	mustClose(t, mustOpen(t, relative))
	if _, err := os.Stat(filepath.Join(dir, "journal.db")); err != nil {
		t.Error(err)
	}
}

func TestLock(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		first := mustOpen(t, dir)
		began := time.Now()
		_, err := sqlite.Open(t.Context(), dir, sqlite.Options{})
		if holder := fmt.Sprintf("in use by process %d since ", os.Getpid()); err == nil || !strings.Contains(err.Error(), holder) {
			t.Errorf("error %v, want one with %q", err, holder)
		}
		if waited := time.Since(began); waited < 10*time.Second || waited > 11*time.Second {
			t.Errorf("Open waited %v, want 10 s", waited)
		}
		began = time.Now()
		if _, err := sqlite.Open(t.Context(), dir, sqlite.Options{LockWait: -1}); err == nil || time.Since(began) > 0 {
			t.Errorf("error %v after %v, want one at once", err, time.Since(began))
		}
		opened := make(chan *sqlite.Store)
		go func() { opened <- mustOpen(t, dir) }()
		time.Sleep(9 * time.Second)
		mustClose(t, first)
		mustClose(t, <-opened)
	})
}

func TestLockEndsWithContext(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		defer mustClose(t, mustOpen(t, dir))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := sqlite.Open(ctx, dir, sqlite.Options{}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v, want the context's", err)
		}
	})
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		options sqlite.Options
		before  string
		want    string
	}{
		"a network file system": {
			options: sqlite.Options{}.OnNetwork("NFS"), want: "is on a network file system (NFS)",
		},
		"a newer schema":               {before: "PRAGMA user_version = 2001", want: "schema 2.1 is newer than this program"},
		"a file that lacks its tables": {before: "DROP TABLE inbox", want: "no such table: inbox"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			s := mustOpen(t, dir)
			if err := s.Exec(t.Context(), c.before); err != nil {
				t.Fatal(err)
			}
			mustClose(t, s)
			_, err := sqlite.Open(t.Context(), dir, c.options)
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "journal "+dir+": ") {
				t.Errorf("error %v, want one with %q", err, c.want)
			}
			// Open has released the lock when it failed.
			if _, again := sqlite.Open(t.Context(), dir, c.options); again == nil || again.Error() != err.Error() {
				t.Errorf("error %v, then %v", err, again)
			}
		})
	}
}

func TestNewerMinorSchemaServes(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := mustOpen(t, dir)
	if err := s.Exec(t.Context(), "ALTER TABLE inbox ADD COLUMN later TEXT; PRAGMA user_version = 1099"); err != nil {
		t.Fatal(err)
	}
	mustClose(t, s)
	mustClose(t, mustOpen(t, dir))
}
