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

// sector is how much of a write a disk keeps or loses at a time.
const sector = 512

// medium is what of a directory has reached the disk for certain, and what was done
// since and may have reached it or not.
type medium struct {
	files map[int]*content
	names map[string]*meaning
}

// content is a file's.
type content struct {
	synced []byte
	since  []act
}

// meaning is the number of the file that a name means, 0 for none.
type meaning struct {
	synced int
	since  []int
}

func newMedium() *medium {
	return &medium{files: map[int]*content{}, names: map[string]*meaning{}}
}

// happen follows the store by one act.
func (m *medium) happen(a act) {
	switch a.kind {
	case created:
		m.files[a.file] = &content{}
		m.mean(a.name, a.file)
	case deleted:
		m.mean(a.name, 0)
	case wrote, truncated:
		f := m.files[a.file]
		f.since = append(f.since, a)
	case synced:
		f := m.files[a.file]
		f.synced, f.since = f.left(kept), nil
	case syncedNames:
		m.syncNames()
	case said:
	}
}

func (m *medium) mean(name string, file int) {
	n := m.names[name]
	if n == nil {
		n = &meaning{}
		m.names[name] = n
	}
	n.since = append(n.since, file)
}

func (m *medium) syncNames() {
	for _, n := range m.names {
		n.synced, n.since = n.left(kept), nil
	}
}

// fate decides what a power cut leaves of what was not synced: it chooses one of n
// possibilities, of which 0 keeps least and n-1 most.
type fate func(n int) int

func kept(n int) int { return n - 1 }

// fates returns those that a cut is tried with, by name.
func fates(cut int) map[string]fate {
	all := map[string]fate{"dropped": func(int) int { return 0 }, "kept": kept}
	for seed := range uint64(2) {
		all[fmt.Sprint("chance", seed)] = rand.New(rand.NewPCG(seed, uint64(cut))).IntN
	}
	return all
}

// leave makes dir, with the files that a power cut leaves.
func (m *medium) leave(dir string, f fate) error {
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(m.names)) { // fate is asked in one order
		number := m.names[name].left(f)
		if number == 0 {
			continue
		}
		if err := os.WriteFile(filepath.Join(dir, name), m.files[number].left(f), 0o600); err != nil {
			return err
		}
	}
	// The shared memory is never synced: of it the disk may hold anything.
	return os.WriteFile(filepath.Join(dir, "journal.db-shm"), bytes.Repeat([]byte{0xa5}, 32<<10), 0o600)
}

func (n *meaning) left(f fate) int {
	return append([]int{n.synced}, n.since...)[f(len(n.since)+1)]
}

// left returns the content after a power cut. A disk takes writes in any order, so
// that each is kept or not whatever becomes of those before it.
func (c *content) left(f fate) []byte {
	left := bytes.Clone(c.synced)
	for _, a := range c.since {
		switch {
		case a.kind == wrote:
			left = a.onto(left, f)
		case f(2) == 1:
			left = resize(left, int(a.offset))
		}
	}
	return left
}

// onto returns a file's content after a write that is kept, torn or dropped. The file
// may have grown for it in any case.
func (a *act) onto(left []byte, f fate) []byte {
	end := int(a.offset) + len(a.data)
	whole := f(3)
	if whole > 0 || f(2) == 1 {
		left = resize(left, max(len(left), end))
	}
	for from := int(a.offset); from < end; {
		to := min(end, (from/sector+1)*sector)
		if whole == 2 || whole == 1 && f(2) == 1 {
			copy(left[from:to], a.data[from-int(a.offset):])
		}
		from = to
	}
	return left
}

// resize cuts what is too long and adds zeros to what is too short.
func resize(b []byte, size int) []byte {
	if size <= len(b) {
		return b[:size]
	}
	return append(b, make([]byte, size-len(b))...)
}
