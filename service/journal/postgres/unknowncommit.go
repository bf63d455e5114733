package postgres

import (
	"crypto/sha256"
	"fmt"
	"sync"

	"github.com/manyvox/manyvox/service/journal"
)

// unknownCommits are steps that were committed after their caller had been told that the outcome
// is not known: it settles the same step again.
type unknownCommits struct {
	mu    sync.Mutex
	steps map[stepID]bool
}

// stepID is a step of a claim. Another step of the same claim is not the one in doubt.
type stepID struct {
	journal.Claim
	digest [sha256.Size]byte
}

// newStepID tells steps of a claim apart by what they store, and how they end.
func newStepID(c journal.Claim, parts []encodedPart, events []encodedEvent, end *journal.End) stepID {
	h := sha256.New()
	for _, p := range parts {
		fmt.Fprintf(h, "%d %s", len(p.body), p.body)
	}
	for _, n := range events {
		fmt.Fprintf(h, "%d %d %s", n.Time.UnixNano(), len(n.body), n.body)
	}
	if end != nil {
		fmt.Fprintf(h, "%s %d %s", end.Outcome, end.At.UnixNano(), end.Reason)
	}
	d := stepID{Claim: c}
	h.Sum(d.digest[:0])
	return d
}

func newUnknownCommits() *unknownCommits { return &unknownCommits{steps: map[stepID]bool{}} }

func (d *unknownCommits) add(c stepID) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.steps[c] = true
}

// has reports whether the step that is settled again was committed.
func (d *unknownCommits) has(c stepID) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.steps[c]
}

// remove forgets the step, once it was settled again.
func (d *unknownCommits) remove(c stepID) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.steps, c)
}

// forget forgets all steps of a claim that ended.
func (d *unknownCommits) forget(c journal.Claim) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for known := range d.steps {
		if known.Claim == c {
			delete(d.steps, known)
		}
	}
}
