package sqlite_test

import (
	"maps"
	"slices"

	"github.com/manyvox/manyvox/service/journal"
)

// verb is what a word is about.
type verb string

const (
	storing   verb = "store"   // Enqueue of the messages ids
	beginning verb = "begin"   // Next, with the attempt
	stepping  verb = "step"    // Settle with the parts and the outcome, none while the turn goes on
	sending   verb = "deliver" // SettlePart with the outcome
)

// The outcomes of parts, next to those of turns.
const (
	outcomeSent journal.Outcome = "sent"
	outcomeDead journal.Outcome = "dead"
)

// word says that a call is about to be made or, when it is done, that it has returned
// without an error: then what it says has to survive.
type word struct {
	verb verb
	done bool
	ids  []string // the messages', or the part's
	// number is the attempt, the step's number in its message, or how many attempts
	// the part had before: words about a message or part can overtake each other.
	number  int
	parts   []string
	outcome journal.Outcome
}

// ledger is what the store has been asked for, and what it has promised.
type ledger struct {
	messages map[string]*promise
	parts    map[string]*delivery
}

// promise is about a message.
type promise struct {
	stored bool
	batch  []string
	begun  int
	steps  []step
}

// step is one call of Settle. Of a message's steps all but the last were done.
type step struct {
	number  int
	done    bool
	parts   []string
	outcome journal.Outcome
}

// delivery is about a part: the last outcome asked for, and whether it is done.
type delivery struct {
	outcome journal.Outcome
	done    bool
	number  int
	// tries is how many attempts that count were asked for.
	tries int
}

// newLedger hears the words among the acts.
func newLedger(acts []act) *ledger {
	l := &ledger{map[string]*promise{}, map[string]*delivery{}}
	for _, a := range acts {
		if a.kind == said {
			l.hear(a.word)
		}
	}
	return l
}

func (l *ledger) hear(w word) {
	switch w.verb {
	case storing:
		for _, id := range w.ids {
			l.promise(id).batch = w.ids
		}
		l.store(w.done, w.ids)
	case beginning: // may be heard before Enqueue has returned
		m := l.promise(w.ids[0])
		m.begun = w.number
		l.store(true, m.batch)
	case stepping:
		l.promise(w.ids[0]).hear(w)
	case sending:
		l.deliver(w)
	}
}

func (l *ledger) promise(id string) *promise {
	if l.messages[id] == nil {
		l.messages[id] = &promise{}
	}
	return l.messages[id]
}

func (l *ledger) store(done bool, ids []string) {
	for _, id := range ids {
		l.messages[id].stored = l.messages[id].stored || done
	}
}

func (p *promise) hear(w word) {
	if !w.done {
		p.steps = append(p.steps, step{number: w.number, parts: w.parts, outcome: w.outcome})
	} else if last := &p.steps[len(p.steps)-1]; last.number == w.number {
		last.done = true
	}
}

func (l *ledger) deliver(w word) {
	d := l.parts[w.ids[0]]
	if d == nil {
		d = &delivery{}
		l.parts[w.ids[0]] = d
	}
	if w.done {
		d.done = d.done || d.number == w.number
		return
	}
	d.outcome, d.done, d.number = w.outcome, false, w.number
	if w.outcome == journal.OutcomeRetry {
		d.tries++
	}
}

// names names the messages.
func (l *ledger) names() []string { return slices.Sorted(maps.Keys(l.messages)) }

// shown is how many steps have parts.
func shown(steps []step) (n int) {
	for _, s := range steps {
		if len(s.parts) > 0 {
			n++
		}
	}
	return n
}
