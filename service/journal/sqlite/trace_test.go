package sqlite_test

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
)

// kind is a kind of act.
type kind string

const (
	created     kind = "created"     // a name for a new file
	wrote       kind = "wrote"       // data at an offset
	truncated   kind = "truncated"   // to the offset
	synced      kind = "synced"      // all that was written to the file before
	deleted     kind = "deleted"     // a name
	syncedNames kind = "syncedNames" // the directory
	said        kind = "said"        // a word of a caller's
)

// act is one thing that happened. A file has a number: its name may come to mean
// another.
type act struct {
	kind   kind
	file   int
	name   string
	offset int64
	data   []byte
	word   word
}

// String leaves the data out.
func (a act) String() string {
	if a.kind == said {
		return fmt.Sprint(a.word)
	}
	return fmt.Sprintf("%s file %d %s: %d bytes at %d", a.kind, a.file, a.name, len(a.data), a.offset)
}

// trace is what happened in a directory, and what the callers of its store said, in
// one order. An act is added once it is done, so that a word that follows a sync, say,
// was said when the sync had returned.
type trace struct {
	mu    sync.Mutex
	acts  []act
	files map[string]int // the files' numbers, by name
	last  int
}

func newTrace() *trace { return &trace{files: map[string]int{}} }

func (t *trace) add(a act) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if a.kind == deleted {
		delete(t.files, a.name)
	}
	t.acts = append(t.acts, a)
}

// say adds a word.
func (t *trace) say(w word) { t.add(act{kind: said, word: w}) }

// open opens a file and returns its number. The name of a file that SQLite did not make
// counts as synced: Open makes the main file and syncs the directory before SQLite
// comes.
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
		t.acts = append(t.acts, act{kind: created, file: t.last, name: name})
		if missing == nil {
			t.acts = append(t.acts, act{kind: syncedNames})
		}
	}
	return t.files[name], code
}
