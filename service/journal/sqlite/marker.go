package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// markerName is the file that says that the directory had a journal, and how far it had
// come: a number that rises with the openings and with each row, as countProgress reads it.
// A journal that has come less far has lost something: the file was emptied or replaced, or
// the log that belongs to it was deleted after the program was killed. SQLite notices none
// of that.
const markerName = "journal.marker"

// marker is the open file.
type marker struct {
	file *os.File
	// written is the number in it.
	written int64
}

// readMarker returns the number in the marker; exists is false when there is none. A number
// that can't be read, as after a loss of power, is 0.
func readMarker(dir string) (progress int64, exists bool, err error) {
	content, err := os.ReadFile(filepath.Join(dir, markerName)) //nolint:gosec // the operator names the directory
	if errors.Is(err, fs.ErrNotExist) {
		return 0, false, nil
	}
	progress, parseErr := strconv.ParseInt(strings.TrimSpace(string(content)), 10, 64)
	if parseErr != nil {
		progress = 0
	}
	return progress, err == nil, err
}

// openMarker opens the marker, and makes one when there is none. Its name then survives a
// loss of power.
func openMarker(dir string) (*marker, error) {
	file, err := os.OpenFile(filepath.Join(dir, markerName), os.O_CREATE|os.O_RDWR, 0o600) //nolint:gosec // the operator names the directory
	if err != nil {
		return nil, err
	}
	if err := errors.Join(file.Sync(), syncDirectory(dir)); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return &marker{file: file}, nil
}

// write writes how far the journal has come, which must be committed. It is not synced: the
// number may be too low after a loss of power, and then less is noticed.
func (m *marker) write(progress int64) error {
	if progress == m.written {
		return nil
	}
	// The width is fixed, so that one number replaces another in one write.
	if _, err := m.file.WriteAt(fmt.Appendf(nil, "%020d\n", progress), 0); err != nil {
		return err
	}
	m.written = progress
	return nil
}

func (m *marker) close() error { return m.file.Close() }

// countProgress reads how far the journal has come.
const countProgress = `SELECT openings + (SELECT coalesce(sum(seq), 0) FROM sqlite_sequence) FROM store`

// progressOf returns how far the journal has come, 0 for one that was not made to its end.
func progressOf(ctx context.Context, db *sql.DB) (progress int64, err error) {
	migrated, err := minorVersion(ctx, db)
	if err != nil || migrated == 0 {
		return 0, err
	}
	err = db.QueryRowContext(ctx, countProgress).Scan(&progress)
	return progress, err
}

// checkPresent returns an error when the directory had a journal and has none any more. It
// must come before SQLite opens the file: SQLite deletes the log of a file that is empty.
func checkPresent(dir string) error {
	_, exists, err := readMarker(dir)
	if err != nil || !exists || fileSize(filepath.Join(dir, fileName)) > 0 {
		return err
	}
	return fmt.Errorf("%s is missing or empty, and there was a journal: %s", fileName, orBegin)
}

// checkProgress returns an error when the journal has come less far than the marker says.
func checkProgress(ctx context.Context, dir string, db *sql.DB) error {
	before, exists, err := readMarker(dir)
	if err != nil || !exists {
		return err
	}
	progress, err := progressOf(ctx, db)
	if err != nil || progress >= before {
		return err
	}
	return fmt.Errorf("at least %d changes are missing: %s, or %s-wal that belongs to it, was deleted, emptied or replaced: %s",
		before-progress, fileName, fileName, orBegin)
}

// orBegin says what to do.
const orBegin = recovery + "; to go on with what there is, delete " + markerName
