package postgres

import (
	"crypto/sha256"
	"fmt"
	"sync"

	"github.com/manyvox/manyvox/service/journal"
)

// doubts are steps that were committed after their caller had been told that the outcome
// is not known: it settles the same step again.
type doubts struct {
	mu  sync.Mutex
	all map[doubt]bool
}

// doubt is a step of a claim. Another step of the same claim is not the one in doubt.
type doubt struct {
	journal.Claim
	step [sha256.Size]byte
}

// doubtOf tells steps of a claim apart by what they store, and how they end.
func doubtOf(c journal.Claim, parts []parcel, notes []note, end *journal.End) doubt {
	h := sha256.New()
	for _, p := range parts {
		fmt.Fprintf(h, "%d %s", len(p.body), p.body)
	}
	for _, n := range notes {
		fmt.Fprintf(h, "%d %d %s", n.Time.UnixNano(), len(n.body), n.body)
	}
	if end != nil {
		fmt.Fprintf(h, "%s %d %s", end.Outcome, end.At.UnixNano(), end.Reason)
	}
	d := doubt{Claim: c}
	h.Sum(d.step[:0])
	return d
}

func newDoubts() *doubts { return &doubts{all: map[doubt]bool{}} }

func (d *doubts) add(c doubt) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.all[c] = true
}

// has reports whether the step that is settled again was committed.
func (d *doubts) has(c doubt) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.all[c]
}

// remove forgets the step, once it was settled again.
func (d *doubts) remove(c doubt) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.all, c)
}

// forget forgets all steps of a claim that ended.
func (d *doubts) forget(c journal.Claim) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for known := range d.all {
		if known.Claim == c {
			delete(d.all, known)
		}
	}
}
