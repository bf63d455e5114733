package sqlite_test

import (
	"maps"
	"slices"

	"github.com/manyvox/manyvox/service/journal"
)

// method is the method of the store that a call is of.
type method string

const (
	callEnqueue    method = "Enqueue"    // of the messages ids
	callNext       method = "Next"       // with the attempt
	callSettle     method = "Settle"     // with the parts and the outcome, none while the turn goes on
	callSettlePart method = "SettlePart" // with the outcome
)

// The outcomes of parts, next to those of turns.
const (
	outcomeSent journal.Outcome = "sent"
	outcomeDead journal.Outcome = "dead"
)

// call is a call of the store that is about to be made or, when it is done, has returned
// without an error: then what it did has to survive.
type call struct {
	method method
	done   bool
	ids    []string // the messages', or the part's
	// number is the attempt, the step's number in its message, or how many attempts the
	// part had before. By it a return finds its call, since calls about one message or
	// part can overtake each other.
	number  int
	parts   []string
	outcome journal.Outcome
}

// model is what the store was asked for, and what it has acknowledged.
type model struct {
	messages map[string]*messageModel
	parts    map[string]*partModel
}

// messageModel is what was asked for and acknowledged of a message.
type messageModel struct {
	stored bool
	batch  []string // the messages that were stored in one call
	begun  int      // the last attempt
	steps  []step
}

// step is one call of Settle. Of a message's steps all but the last were done.
type step struct {
	number  int
	done    bool
	parts   []string
	outcome journal.Outcome
}

// partModel is the last outcome asked for of a part, and whether it is done.
type partModel struct {
	outcome journal.Outcome
	done    bool
	number  int
	// tries is how many attempts that count were asked for.
	tries int
}

// newModel applies the calls among the events.
func newModel(events []traceEvent) *model {
	m := &model{map[string]*messageModel{}, map[string]*partModel{}}
	for _, e := range events {
		if e.kind == called {
			m.apply(e.call)
		}
	}
	return m
}

func (m *model) apply(c call) {
	switch c.method {
	case callEnqueue:
		for _, id := range c.ids {
			m.message(id).batch = c.ids
		}
		m.store(c.done, c.ids)
	case callNext: // may return before Enqueue has
		msg := m.message(c.ids[0])
		msg.begun = c.number
		m.store(true, msg.batch)
	case callSettle:
		m.message(c.ids[0]).applyStep(c)
	case callSettlePart:
		m.applyPart(c)
	}
}

// message returns the model of a message. It makes one when there is none.
func (m *model) message(id string) *messageModel {
	if m.messages[id] == nil {
		m.messages[id] = &messageModel{}
	}
	return m.messages[id]
}

func (m *model) store(done bool, ids []string) {
	for _, id := range ids {
		m.messages[id].stored = m.messages[id].stored || done
	}
}

func (m *messageModel) applyStep(c call) {
	if !c.done {
		m.steps = append(m.steps, step{number: c.number, parts: c.parts, outcome: c.outcome})
	} else if last := &m.steps[len(m.steps)-1]; last.number == c.number {
		last.done = true
	}
}

func (m *model) applyPart(c call) {
	p := m.parts[c.ids[0]]
	if p == nil {
		p = &partModel{}
		m.parts[c.ids[0]] = p
	}
	if c.done {
		p.done = p.done || p.number == c.number
		return
	}
	p.outcome, p.done, p.number = c.outcome, false, c.number
	if c.outcome == journal.OutcomeRetry {
		p.tries++
	}
}

// messageIDs returns the ids of the messages in order.
func (m *model) messageIDs() []string { return slices.Sorted(maps.Keys(m.messages)) }

// shown is how many steps have parts.
func shown(steps []step) (n int) {
	for _, s := range steps {
		if len(s.parts) > 0 {
			n++
		}
	}
	return n
}
