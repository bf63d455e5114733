//go:build unix

package sqlite_test

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/manyvox/manyvox/service/journal/sqlite"
)

// A journal that everybody can write is refused, one that a group can write is warned of.
func TestModes(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		path    string
		mode    os.FileMode
		refused bool
		warned  bool
	}{
		"everybody writes the directory": {"", 0o777, true, false},
		"everybody writes the journal":   {"journal.db", 0o666, true, false},
		"everybody writes the lock":      {"lock", 0o602, true, false},
		"a group writes the directory":   {"", 0o770, false, true},
		"a group writes the journal":     {"journal.db", 0o660, false, true},
		"others read":                    {"", 0o755, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "data")
			mustClose(t, mustOpen(t, dir))
			path := filepath.Join(dir, c.path)
			if err := os.Chmod(path, c.mode); err != nil {
				t.Fatal(err)
			}
			var log bytes.Buffer
			s, err := sqlite.Open(t.Context(), dir, sqlite.Options{Log: slog.New(slog.NewTextHandler(&log, nil))})
			if refused := err != nil && strings.Contains(err.Error(), path+" can be written by everybody"); refused != c.refused {
				t.Errorf("Open returns error %v", err)
			}
			if warned := strings.Contains(log.String(), "level=WARN") && strings.Contains(log.String(), path); warned != c.warned {
				t.Errorf("the log is %q", log.String())
			}
			if s != nil {
				mustClose(t, s)
			}
		})
	}
}
