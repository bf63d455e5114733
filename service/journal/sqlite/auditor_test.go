package sqlite_test

import (
	"fmt"

	"github.com/manyvox/manyvox/service/journal"
)

// auditor compares what a store holds with what was promised.
type auditor struct {
	*ledger
	*survey
	// expected are the messages and parts that the store may hold.
	expected map[string]bool
	faults   []string
}

// audit compares what a store holds with what was promised and returns what differs.
func (l *ledger) audit(s *survey) []string {
	a := &auditor{ledger: l, survey: s, expected: map[string]bool{}}
	for _, id := range l.names() {
		a.message(id, l.messages[id])
	}
	for _, id := range s.ids() {
		if !a.expected[id] {
			a.fault("%s was made up", id)
		}
	}
	return append(a.faults, s.disorder...)
}

func (a *auditor) fault(format string, args ...any) {
	a.faults = append(a.faults, fmt.Sprintf(format, args...))
}

func (a *auditor) is(what bool, want bool, id, state string) {
	if what != want {
		a.fault("%s %s: %v, want %v", id, state, what, want)
	}
}

func (a *auditor) message(id string, p *promise) {
	turn, waits := a.waiting[id]
	a.expected[id] = true
	if !p.stored {
		_, first := a.waiting[p.batch[0]]
		a.is(waits, first, id, "waits like the rest of its batch")
		a.is(a.known[id], waits, id, "is known")
		return
	}
	steps := p.happened(turn.Shown, waits)
	var end journal.Outcome
	if len(steps) > 0 {
		end = steps[len(steps)-1].outcome
	}
	buried := end == journal.OutcomeFailed || end == journal.OutcomeInterrupted
	a.is(waits, !buried && end != journal.OutcomeDone, id, "waits")
	a.is(a.dead[id], buried, id, "is dead")
	a.is(a.known[id], true, id, "is known")
	// A claim may have been stored whose word was not said any more.
	if waits && (turn.Attempt <= p.begun || turn.Attempt > p.begun+2 || turn.Shown != shown(steps)) {
		a.fault("%s is given out with attempt %d after %d, shown %d of %d", id, turn.Attempt, p.begun, turn.Shown, shown(steps))
	}
	for _, s := range steps {
		for _, part := range s.parts {
			a.part(part)
		}
	}
}

// happened returns the steps that were done: those said to be, and the last if the
// store says so.
func (p *promise) happened(seen int, waits bool) []step {
	last := len(p.steps) - 1
	if last < 0 || p.steps[last].done {
		return p.steps
	}
	if waits && seen <= shown(p.steps[:last]) {
		return p.steps[:last]
	}
	return p.steps
}

func (a *auditor) part(id string) {
	a.expected[id] = true
	d := a.parts[id]
	if d == nil {
		d = &delivery{outcome: journal.OutcomeRetry, done: true}
	}
	sent, waits := a.waitingParts[id]
	switch {
	case !d.done && d.outcome == outcomeSent:
		a.is(a.dead[id], false, id, "is dead")
	case !d.done && d.outcome == outcomeDead:
		a.is(a.dead[id], !waits, id, "is dead")
	default:
		a.is(waits, d.outcome == journal.OutcomeRetry, id, "waits")
		a.is(a.dead[id], d.outcome == outcomeDead, id, "is dead")
	}
	least := d.tries
	if d.outcome == journal.OutcomeRetry && !d.done {
		least--
	}
	if waits && (sent.Attempts < least || sent.Attempts > d.tries) {
		a.fault("%s is given out after %d attempts, want %d to %d", id, sent.Attempts, least, d.tries)
	}
}
