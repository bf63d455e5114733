package sqlite_test

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
)

// sectorSize is how much of a write a disk keeps or loses at a time.
const sectorSize = 512

// disk simulates what a directory has on disk: what is synced, and what was done since,
// which a power cut may keep or lose.
type disk struct {
	files map[int]*diskFile
	names map[string]*directoryEntry
}

// diskFile is the content of a file.
type diskFile struct {
	synced   []byte
	unsynced []traceEvent
}

// directoryEntry is the number of the file that a name stands for, 0 for none.
type directoryEntry struct {
	synced   int
	unsynced []int
}

func newDisk() *disk {
	return &disk{files: map[int]*diskFile{}, names: map[string]*directoryEntry{}}
}

// apply does to the disk what an event did.
func (d *disk) apply(e traceEvent) {
	switch e.kind {
	case created:
		d.files[e.file] = &diskFile{}
		d.link(e.name, e.file)
	case deleted:
		d.link(e.name, 0)
	case wrote, truncated:
		f := d.files[e.file]
		f.unsynced = append(f.unsynced, e)
	case synced:
		f := d.files[e.file]
		f.synced, f.unsynced = f.afterCut(keepMost), nil
	case syncedNames:
		d.syncNames()
	case called:
	}
}

// link makes a name stand for a file.
func (d *disk) link(name string, file int) {
	entry := d.names[name]
	if entry == nil {
		entry = &directoryEntry{}
		d.names[name] = entry
	}
	entry.unsynced = append(entry.unsynced, file)
}

func (d *disk) syncNames() {
	for _, entry := range d.names {
		entry.synced, entry.unsynced = entry.afterCut(keepMost), nil
	}
}

// chooser decides what a power cut leaves of what was not synced. It chooses one of n
// possibilities, of which 0 keeps least and n-1 most.
type chooser func(n int) int

func keepMost(n int) int { return n - 1 }

// keepsMost is the name of keepMost among the choosers.
const keepsMost = "kept"

// choosers returns those that a cut is tried with, by name.
func choosers(cut int) map[string]chooser {
	all := map[string]chooser{"dropped": func(int) int { return 0 }, keepsMost: keepMost}
	for seed := range uint64(2) {
		all[fmt.Sprint("random", seed)] = rand.New(rand.NewPCG(seed, uint64(cut))).IntN
	}
	return all
}

// writeImage makes dir, with the files that a power cut leaves.
func (d *disk) writeImage(dir string, choose chooser) error {
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(d.names)) { // in one order, so that a seed can be repeated
		number := d.names[name].afterCut(choose)
		if number == 0 {
			continue
		}
		if err := os.WriteFile(filepath.Join(dir, name), d.files[number].afterCut(choose), 0o600); err != nil {
			return err
		}
	}
	// The shared memory is never synced: of it the disk may hold anything.
	return os.WriteFile(filepath.Join(dir, "journal.db-shm"), bytes.Repeat([]byte{0xa5}, 32<<10), 0o600)
}

// afterCut returns the file's number after a power cut.
func (e *directoryEntry) afterCut(choose chooser) int {
	return append([]int{e.synced}, e.unsynced...)[choose(len(e.unsynced)+1)]
}

// afterCut returns the content after a power cut. A disk takes writes in any order, so
// that each is kept or not whatever becomes of those before it.
func (f *diskFile) afterCut(choose chooser) []byte {
	content := bytes.Clone(f.synced)
	for _, e := range f.unsynced {
		switch {
		case e.kind == wrote:
			content = e.writeTo(content, choose)
		case choose(2) == 1:
			content = resize(content, int(e.offset))
		}
	}
	return content
}

// writeTo returns a file's content after a write that is kept, torn or dropped. The file
// may have grown for it in any case.
func (e *traceEvent) writeTo(content []byte, choose chooser) []byte {
	const torn, whole = 1, 2
	end := int(e.offset) + len(e.data)
	kept := choose(3)
	if kept > 0 || choose(2) == 1 {
		content = resize(content, max(len(content), end))
	}
	for from := int(e.offset); from < end; {
		to := min(end, (from/sectorSize+1)*sectorSize)
		if kept == whole || kept == torn && choose(2) == 1 {
			copy(content[from:to], e.data[from-int(e.offset):])
		}
		from = to
	}
	return content
}

// resize cuts what is too long and adds zeros to what is too short.
func resize(b []byte, size int) []byte {
	if size <= len(b) {
		return b[:size]
	}
	return append(b, make([]byte, size-len(b))...)
}
