package postgres

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"sync"

	"github.com/manyvox/manyvox/service/journal"
)

// A caller waits for its commit no longer than Options.Timeout, and then gets
// errUnknownOutcome. It settles the same step again, as journal.Journal asks of it. If the
// first commit is found to have happened after all (see resolve), the step is kept here,
// and settling it again changes nothing. The operation looks here while it runs in the
// writer, which has resolved all earlier transactions by then: so what is not here was not
// committed.

// unknownCommits are steps that were committed after their caller had given up waiting.
type unknownCommits struct {
	mu    sync.Mutex
	steps map[stepID]bool
}

// stepID names a step of a claim.
type stepID struct {
	journal.Claim
	digest [sha256.Size]byte
}

// newStepID makes the id of what a step stores and how it ends: a claim has many steps, and
// only the one that is settled again may be skipped.
func newStepID(c journal.Claim, rows *journal.OutgoingRows, events []journal.EventRow, end *journal.End) stepID {
	h := sha256.New()
	if rows.Complete != nil {
		fmt.Fprintf(h, "complete %d %s", len(rows.Complete.ID), rows.Complete.ID)
	}
	fmt.Fprint(h, rows.Begin != nil)
	for _, p := range rows.All() {
		fmt.Fprintf(h, "%d %s", len(p.Body), p.Body)
	}
	for _, e := range events {
		fmt.Fprintf(h, "%d %d %s", e.Time.UnixNano(), len(e.Body), e.Body)
	}
	if end != nil {
		fmt.Fprintf(h, "%s %d %s", end.Outcome, end.At.UnixNano(), end.Reason)
	}
	id := stepID{Claim: c}
	h.Sum(id.digest[:0])
	return id
}

func newUnknownCommits() *unknownCommits { return &unknownCommits{steps: map[stepID]bool{}} }

func (u *unknownCommits) add(id stepID) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.steps[id] = true
}

// has reports whether the step that is settled again was committed.
func (u *unknownCommits) has(id stepID) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.steps[id]
}

// remove forgets the step, once it was settled again.
func (u *unknownCommits) remove(id stepID) {
	u.mu.Lock()
	defer u.mu.Unlock()
	delete(u.steps, id)
}

// forget forgets all steps of a claim that ended.
func (u *unknownCommits) forget(c journal.Claim) {
	u.mu.Lock()
	defer u.mu.Unlock()
	maps.DeleteFunc(u.steps, func(id stepID, _ bool) bool { return id.Claim == c })
}
