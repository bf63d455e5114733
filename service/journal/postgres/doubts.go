package postgres

import (
	"sync"

	"github.com/manyvox/manyvox/service/journal"
)

// doubts are steps that were committed after their caller had been told that the outcome
// is not known: it settles the same step again.
type doubts struct {
	mu  sync.Mutex
	all map[journal.Claim]bool
}

func newDoubts() *doubts { return &doubts{all: map[journal.Claim]bool{}} }

func (d *doubts) add(c journal.Claim) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.all[c] = true
}

// has reports whether the step that is settled again was committed.
func (d *doubts) has(c journal.Claim) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.all[c]
}

// remove forgets the step, once it was settled again.
func (d *doubts) remove(c journal.Claim) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.all, c)
}
