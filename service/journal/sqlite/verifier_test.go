package sqlite_test

import (
	"fmt"

	"github.com/manyvox/manyvox/service/journal"
)

// verifier compares what a store holds with what it has acknowledged.
type verifier struct {
	*model
	*contents
	// expected are the messages and parts that the store may hold.
	expected map[string]bool
	faults   []string
}

// verify returns in what the contents of a store differ from what it has acknowledged.
func (m *model) verify(c *contents) []string {
	v := &verifier{model: m, contents: c, expected: map[string]bool{}}
	for _, id := range m.messageIDs() {
		v.checkMessage(id, m.messages[id])
	}
	for _, id := range c.ids() {
		if !v.expected[id] {
			v.fault("%s was made up", id)
		}
	}
	return append(v.faults, c.disorder...)
}

func (v *verifier) fault(format string, args ...any) {
	v.faults = append(v.faults, fmt.Sprintf(format, args...))
}

func (v *verifier) check(got, want bool, id, state string) {
	if got != want {
		v.fault("%s %s: %v, want %v", id, state, got, want)
	}
}

func (v *verifier) checkMessage(id string, m *messageModel) {
	turn, waits := v.waiting[id]
	v.expected[id] = true
	if !m.stored {
		_, first := v.waiting[m.batch[0]]
		v.check(waits, first, id, "waits like the rest of its batch")
		v.check(v.known[id], waits, id, "is known")
		return
	}
	steps := m.stepsDone(turn.Shown, waits)
	var end journal.Outcome
	if len(steps) > 0 {
		end = steps[len(steps)-1].outcome
	}
	dead := end == journal.OutcomeFailed || end == journal.OutcomeInterrupted
	v.check(waits, !dead && end != journal.OutcomeDone, id, "waits")
	v.check(v.dead[id], dead, id, "is dead")
	v.check(v.known[id], true, id, "is known")
	// A claim may have been stored whose return is not in the trace any more.
	if waits && (turn.Attempt <= m.begun || turn.Attempt > m.begun+2 || turn.Shown != shown(steps)) {
		v.fault("%s is given out with attempt %d after %d, shown %d of %d", id, turn.Attempt, m.begun, turn.Shown, shown(steps))
	}
	for _, s := range steps {
		for _, part := range s.parts {
			v.checkPart(part)
		}
	}
}

// stepsDone returns the steps that were done: those acknowledged, and the last when the
// store shows that it was done too.
func (m *messageModel) stepsDone(seen int, waits bool) []step {
	last := len(m.steps) - 1
	if last < 0 || m.steps[last].done {
		return m.steps
	}
	if waits && seen <= shown(m.steps[:last]) {
		return m.steps[:last]
	}
	return m.steps
}

func (v *verifier) checkPart(id string) {
	v.expected[id] = true
	p := v.parts[id]
	if p == nil {
		p = &partModel{outcome: journal.OutcomeRetry, done: true}
	}
	delivery, waits := v.waitingParts[id]
	switch {
	case !p.done && p.outcome == outcomeSent:
		v.check(v.dead[id], false, id, "is dead")
	case !p.done && p.outcome == outcomeDead:
		v.check(v.dead[id], !waits, id, "is dead")
	default:
		v.check(waits, p.outcome == journal.OutcomeRetry, id, "waits")
		v.check(v.dead[id], p.outcome == outcomeDead, id, "is dead")
	}
	least := p.tries
	if p.outcome == journal.OutcomeRetry && !p.done {
		least--
	}
	if waits && (delivery.Attempts < least || delivery.Attempts > p.tries) {
		v.fault("%s is given out after %d attempts, want %d to %d", id, delivery.Attempts, least, p.tries)
	}
}
