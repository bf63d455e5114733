package sqlite

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"
)

const (
	// watchEvery is how often an idle store looks at its files.
	watchEvery = 5 * time.Second
	// watchedFor is how long the store then writes without looking again.
	watchedFor = time.Second
)

// watch compares the directory and the files that the store has open with those at their
// paths. What is written to files that were deleted is gone with the process, although each
// commit succeeds; and where others lie in their place another process may be at work.
type watch struct {
	log *slog.Logger
	// report is told that nothing can be written, so that the program is not ready.
	report func(context.Context, error)
	opened []watchedFile
	every  time.Duration

	mu sync.Mutex
	// checked is when the files were last compared.
	checked time.Time
	// lost is the error since they are not the same, nil when they are.
	lost error
}

// watchedFile is a path and what was there when the store was opened.
type watchedFile struct {
	path string
	info fs.FileInfo
}

// newWatch begins to watch the files of an open store.
func newWatch(dir string, o *Options) (*watch, error) {
	dir, err := filepath.Abs(dir) // for whoever reads the error
	if err != nil {
		return nil, err
	}
	w := &watch{log: o.logger(), report: o.report, checked: time.Now(), every: cmp.Or(o.watchEvery, watchEvery)}
	for _, name := range []string{"", lockName, markerName, fileName, fileName + "-wal", fileName + "-shm"} {
		path := filepath.Join(dir, name)
		info, err := os.Stat(path)
		if err != nil {
			return nil, err
		}
		w.opened = append(w.opened, watchedFile{path, info})
	}
	return w, nil
}

// beforeWrite returns an error when the store must not write. It looks at the files unless
// it did so a moment ago, or found them gone.
func (w *watch) beforeWrite() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.lost != nil || time.Since(w.checked) >= watchedFor {
		w.check()
	}
	return w.lost
}

// look looks at the files and reports that they are gone.
func (w *watch) look() {
	w.mu.Lock()
	w.check()
	lost := w.lost
	w.mu.Unlock()
	if lost != nil {
		w.report(context.Background(), lost)
	}
}

// check compares the files, and logs when they are gone and when they are back.
func (w *watch) check() {
	before := w.lost
	w.checked, w.lost = time.Now(), w.compare()
	switch {
	case before == nil && w.lost != nil:
		w.log.Error("the journal is not written any more", "error", w.lost)
	case before != nil && w.lost == nil:
		w.log.Info("the journal is written again: its files are back in their places")
	}
}

// compare returns an error that names the first path where the open file is no longer.
func (w *watch) compare() error {
	for _, f := range w.opened {
		info, err := os.Stat(f.path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return fmt.Errorf("%s was deleted while the program ran; %s", f.path, putBack)
		case err != nil:
			return err
		case !os.SameFile(info, f.info):
			return fmt.Errorf("%s was replaced while the program ran; %s", f.path, putBack)
		}
	}
	return nil
}

// putBack says what to do.
const putBack = "put it back, or stop the program: what was stored since the last backup is lost otherwise"
