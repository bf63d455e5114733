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

// messages is how many each producer of a load stores.
const messages = 16

// TestCrashPower simulates power cuts at points of a store's life and compares what the
// disk then holds with what the store had acknowledged. A store that syncs less must be
// seen to lose something: else the test would not see a loss.
func TestCrashPower(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		setting string
		// cuts is how many cuts there are, and how many at most in make crash.
		cuts, most int
		// loses says that acknowledged changes are lost, ruins that the file may be
		// unreadable.
		loses, ruins bool
	}{
		"as it is":           {cuts: 30, most: math.MaxInt},
		"synchronous=NORMAL": {setting: "PRAGMA synchronous = NORMAL", cuts: 8, most: 300, loses: true},
		"synchronous=OFF":    {setting: "PRAGMA synchronous = OFF", cuts: 8, most: 300, loses: true, ruins: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			events := recordTrace(t, c.setting)
			if os.Getenv(crashRounds) != "" {
				c.cuts = min(c.most, len(events))
			}
			r := cutPower(t, events, c.cuts)
			t.Logf("%v; %v", summarize(t, events), r)
			broken := r.lost > 0 || r.ruined > 0
			if broken != c.loses || r.ruined > 0 && !c.ruins || r.wrong > 0 {
				t.Errorf("%v\n%v", r, r.examples)
			}
		})
	}
}

// recordTrace returns the trace of a store that is opened, put under load and closed,
// twice.
func recordTrace(t *testing.T, setting string) []traceEvent {
	t.Helper()
	dir := t.TempDir()
	traced := traceDirectory(t, dir)
	for session := range 2 {
		s := mustOpen(t, dir)
		pragma(t, s, "PRAGMA wal_autocheckpoint = 32") // pages
		pragma(t, s, setting)
		if err := runLoad(t.Context(), s, traced, session*messages, (session+1)*messages); err != nil {
			t.Fatal(err)
		}
		mustClose(t, s)
	}
	return traced.events
}

// summarize describes the events. There must be checkpoints among them. SQLite writes the
// log's header anew when all that the log had is in the main file.
func summarize(t *testing.T, events []traceEvent) string {
	t.Helper()
	kinds, headers := map[eventKind]int{}, map[int]int{}
	checkpoints := 0
	for _, e := range events {
		kinds[e.kind]++
		if e.kind == wrote && e.offset == 0 && len(e.data) == walHeaderSize {
			headers[e.file]++
			checkpoints += min(headers[e.file]-1, 1)
		}
	}
	if checkpoints < 10 || kinds[deleted] < 2 {
		t.Errorf("%d checkpoints, %v: want more", checkpoints, kinds)
	}
	return fmt.Sprintf("%d events (%v, %d checkpoints)", len(events), kinds, checkpoints)
}

// walHeaderSize is the size of the log's header: https://sqlite.org/fileformat.html#walformat
const walHeaderSize = 32

// image is what a power cut before an event leaves, in a directory.
type image struct {
	cut     int
	chooser string
	dir     string
}

// report counts images.
type report struct {
	cuts, images int
	// lost are those that lack something acknowledged, ruined those that the store can't
	// read. Wrong is how many of either have all that was ever written: there the store
	// would be at fault, or the test, but not the disk.
	lost, ruined, wrong int
	examples            []string
}

func (r *report) String() string {
	return fmt.Sprintf("%d cuts, %d images: %d with losses, %d ruined, %d of them with all that was written", r.cuts, r.images, r.lost, r.ruined, r.wrong)
}

// cutPower checks the images of so many power cuts.
func cutPower(t *testing.T, events []traceEvent, cuts int) *report {
	t.Helper()
	r := &report{cuts: cuts + 1}
	images := make(chan image)
	var checkers sync.WaitGroup
	var mu sync.Mutex
	for range runtime.GOMAXPROCS(0) {
		checkers.Go(func() {
			for i := range images {
				faults, err := i.check(t.Context(), events)
				mu.Lock()
				r.count(i, events, faults, err)
				mu.Unlock()
			}
		})
	}
	makeImages(t, events, cuts, images)
	close(images)
	checkers.Wait()
	return r
}

// makeImages makes the images of cuts at even distances, the last after all events.
func makeImages(t *testing.T, events []traceEvent, cuts int, images chan<- image) {
	t.Helper()
	d, dir := newDisk(), t.TempDir()
	at := 0
	for n := range cuts + 1 {
		for ; at < n*len(events)/cuts; at++ {
			d.apply(events[at])
		}
		for name, choose := range choosers(at) {
			i := image{cut: at, chooser: name, dir: filepath.Join(dir, strconv.Itoa(at)+name)}
			if err := d.writeImage(i.dir, choose); err != nil {
				t.Error(err)
				return
			}
			images <- i
		}
	}
}

// check opens the store on the image and compares it with what was acknowledged before the
// cut. The error says that the store can't read the image.
func (i *image) check(ctx context.Context, events []traceEvent) ([]string, error) {
	defer os.RemoveAll(i.dir)
	m := newModel(events[:i.cut])
	c, err := readContents(ctx, i.dir, m.messageIDs())
	if err != nil {
		return nil, err
	}
	return m.verify(c), nil
}

func (r *report) count(i image, events []traceEvent, faults []string, err error) {
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
	if i.chooser == keepsMost {
		r.wrong++
	}
	const enough = 5
	if len(r.examples) < enough {
		r.examples = append(r.examples, fmt.Sprintf("cut at %d, unsynced writes %s: %q after %v\n",
			i.cut, i.chooser, faults[:min(len(faults), enough)], events[max(0, i.cut-8):i.cut]))
	}
}
