package sqlite_test

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"testing"
)

// messages is how many each poster of a load stores.
const messages = 16

// TestCrashPower cuts the power at points of a store's life and compares what the disk
// then holds with what the store had promised. A store that is less careful must be
// seen to lose something: else the test could not tell.
func TestCrashPower(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		setting string
		// cuts is how many cuts there are, and how many at most in make crash.
		cuts, most int
		// loses and ruins say that promises are broken, and that the file may be.
		loses, ruins bool
	}{
		"as it is":           {cuts: 30, most: math.MaxInt},
		"synchronous=NORMAL": {setting: "PRAGMA synchronous = NORMAL", cuts: 8, most: 300, loses: true},
		"synchronous=OFF":    {setting: "PRAGMA synchronous = OFF", cuts: 8, most: 300, loses: true, ruins: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			acts := record(t, c.setting)
			if os.Getenv(crashRounds) != "" {
				c.cuts = min(c.most, len(acts))
			}
			r := cutPower(t, acts, c.cuts)
			t.Logf("%v; %v", counted(t, acts), r)
			broken := r.lost > 0 || r.ruined > 0
			if broken != c.loses || r.ruined > 0 && !c.ruins || r.wrong > 0 {
				t.Errorf("%v\n%v", r, r.examples)
			}
		})
	}
}

// record returns the acts of a store that is opened, loaded and closed, twice.
func record(t *testing.T, setting string) []act {
	t.Helper()
	dir := t.TempDir()
	traced := listenIn(t, dir)
	for session := range 2 {
		s := mustOpen(t, dir)
		pragma(t, s, "PRAGMA wal_autocheckpoint = 32") // pages
		pragma(t, s, setting)
		if err := runLoad(t.Context(), s, traced, session*messages, (session+1)*messages); err != nil {
			t.Fatal(err)
		}
		mustClose(t, s)
	}
	return traced.acts
}

// counted tells what the acts are. There must be checkpoints among them: SQLite writes
// the head of the log anew when all that the log had is in the main file.
func counted(t *testing.T, acts []act) string {
	t.Helper()
	kinds, heads := map[kind]int{}, map[int]int{}
	checkpoints := 0
	for _, a := range acts {
		kinds[a.kind]++
		if a.kind == wrote && a.offset == 0 && len(a.data) == walHead {
			heads[a.file]++
			checkpoints += min(heads[a.file]-1, 1)
		}
	}
	if checkpoints < 10 || kinds[deleted] < 2 {
		t.Errorf("%d checkpoints, %v: want more", checkpoints, kinds)
	}
	return fmt.Sprintf("%d acts (%v, %d checkpoints)", len(acts), kinds, checkpoints)
}

// walHead is the size of the log's head: https://sqlite.org/fileformat.html#walformat
const walHead = 32

// image is what a power cut before an act leaves, in a directory.
type image struct {
	cut  int
	fate string
	dir  string
}

// report is about images.
type report struct {
	cuts, images int
	// lost are those that break a promise, ruined those of which the store can't make
	// anything. Wrong is how many of either have all that was ever written.
	lost, ruined, wrong int
	examples            []string
}

func (r *report) String() string {
	return fmt.Sprintf("%d cuts, %d images: %d with losses, %d ruined, %d of them with all that was written", r.cuts, r.images, r.lost, r.ruined, r.wrong)
}

// cutPower inspects what so many power cuts leave.
func cutPower(t *testing.T, acts []act, cuts int) *report {
	t.Helper()
	r := &report{cuts: cuts + 1}
	images := make(chan image)
	var inspectors sync.WaitGroup
	var mu sync.Mutex
	for range runtime.GOMAXPROCS(0) {
		inspectors.Go(func() {
			for i := range images {
				faults, err := i.inspect(t.Context(), acts)
				mu.Lock()
				r.count(i, acts, faults, err)
				mu.Unlock()
			}
		})
	}
	develop(t, acts, cuts, images)
	close(images)
	inspectors.Wait()
	return r
}

// develop hands out the images of cuts at even distances, the last behind all acts.
func develop(t *testing.T, acts []act, cuts int, images chan<- image) {
	t.Helper()
	m, dir := newMedium(), t.TempDir()
	at := 0
	for n := range cuts + 1 {
		for ; at < n*len(acts)/cuts; at++ {
			m.happen(acts[at])
		}
		for name, f := range fates(at) {
			i := image{cut: at, fate: name, dir: filepath.Join(dir, strconv.Itoa(at)+name)}
			if err := m.leave(i.dir, f); err != nil {
				t.Error(err)
				return
			}
			images <- i
		}
	}
}

// inspect opens the store on the image and compares it with what was promised before
// the cut. The error says that nothing can be made of the image.
func (i *image) inspect(ctx context.Context, acts []act) ([]string, error) {
	defer os.RemoveAll(i.dir)
	l := newLedger(acts[:i.cut])
	s, err := surveyOf(ctx, i.dir, l.names())
	if err != nil {
		return nil, err
	}
	return l.audit(s), nil
}

func (r *report) count(i image, acts []act, faults []string, err error) {
	r.images++
	switch {
	case err != nil:
		r.ruined++
		faults = []string{err.Error()}
	case len(faults) > 0:
		r.lost++
	default:
		return
	}
	if i.fate == "kept" {
		r.wrong++
	}
	const enough = 5
	if len(r.examples) < enough {
		r.examples = append(r.examples, fmt.Sprintf("cut at %d, unsynced writes %s: %q after %v\n",
			i.cut, i.fate, faults[:min(len(faults), enough)], acts[max(0, i.cut-8):i.cut]))
	}
}
