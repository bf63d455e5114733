package sqlite_test

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
)

// eventKind is a kind of trace event.
type eventKind string

const (
	created     eventKind = "created"     // a name for a new file
	wrote       eventKind = "wrote"       // data at an offset
	truncated   eventKind = "truncated"   // to the offset
	synced      eventKind = "synced"      // all that was written to the file before
	deleted     eventKind = "deleted"     // a name
	syncedNames eventKind = "syncedNames" // the directory
	called      eventKind = "called"      // a call of the store begins or has returned
)

// traceEvent is what SQLite has done to a file, or a call of the store. Files have
// numbers, since a name may come to mean another file.
type traceEvent struct {
	kind   eventKind
	file   int
	name   string
	offset int64
	data   []byte
	call   call
}

// String leaves the data out.
func (e traceEvent) String() string {
	if e.kind == called {
		return fmt.Sprint(e.call)
	}
	return fmt.Sprintf("%s file %d %s: %d bytes at %d", e.kind, e.file, e.name, len(e.data), e.offset)
}

// trace holds, in one order, what SQLite has done in a directory and the calls of the
// store there. An event is added once it has happened: a call whose return follows a sync
// has returned after that sync.
type trace struct {
	mu     sync.Mutex
	events []traceEvent
	files  map[string]int // the files' numbers, by name
	last   int            // the last file's number
}

func newTrace() *trace { return &trace{files: map[string]int{}} }

func (t *trace) add(e traceEvent) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if e.kind == deleted {
		delete(t.files, e.name)
	}
	t.events = append(t.events, e)
}

// addCall adds a call.
func (t *trace) addCall(c call) { t.add(traceEvent{kind: called, call: c}) }

// open opens a file and returns its number. When SQLite did not make the file, its name
// counts as synced: the store has made the main file and synced the directory before.
func (t *trace) open(path string, open func() int32) (number int, code int32) {
	t.mu.Lock()
	defer t.mu.Unlock()
	_, missing := os.Stat(path)
	if code = open(); code != 0 {
		return 0, code
	}
	name := filepath.Base(path)
	if _, known := t.files[name]; !known {
		t.last++
		t.files[name] = t.last
		t.events = append(t.events, traceEvent{kind: created, file: t.last, name: name})
		if missing == nil {
			t.events = append(t.events, traceEvent{kind: syncedNames})
		}
	}
	return t.files[name], code
}
