package service

import (
	"context"
	"sync"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// together is how long a reply may wait for the next, or for the end of the turn, so
// that they share a transaction. A program that dies between an agent's last reply and
// the end of its turn would leave a turn that was answered as one that was interrupted.
const together = 2 * time.Millisecond

// ledger commits what a turn gives, in order, before anybody may see it.
type ledger struct {
	ctx    context.Context
	commit func(context.Context, journal.Step) error

	mu    sync.Mutex
	held  journal.Step
	then  []func() // follow the commit of what is held
	timer *time.Timer
	// shown says that something was committed that shows.
	shown bool
	err   error
}

// add takes a reply's parts and event, and what is to follow once they are committed.
// It fails when earlier ones could not be committed.
func (l *ledger) add(parts []channels.Part, event channels.Event, then func()) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err != nil {
		return l.err
	}
	l.held.Parts = append(l.held.Parts, parts...)
	l.held.Events = append(l.held.Events, event)
	l.held.Shown = true
	l.then = append(l.then, then)
	if l.timer == nil {
		l.timer = time.AfterFunc(together, func() { _ = l.flush() }) // the next call has the error
	}
	return nil
}

// show commits what is held, and that something is shown, unless that is known.
func (l *ledger) show() error {
	l.mu.Lock()
	l.held.Shown = l.held.Shown || !l.shown
	l.mu.Unlock()
	return l.flush()
}

// flush commits what is held.
func (l *ledger) flush() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	step, then := l.take()
	if l.err != nil || !step.Shows() {
		return l.err
	}
	if err := l.commit(l.ctx, step); err != nil {
		l.err = &channels.Error{Code: channels.CodeUnavailable, Message: "the reply cannot be stored now", Err: err}
		return l.err
	}
	l.shown = true
	then()
	return nil
}

// take returns what is held, which is not held any more.
func (l *ledger) take() (step journal.Step, then func()) {
	if l.timer != nil {
		l.timer.Stop()
	}
	step, follow := l.held, l.then
	l.held, l.then, l.timer = journal.Step{}, nil, nil
	return step, func() {
		for _, f := range follow {
			f()
		}
	}
}

// close returns what is held, to be committed with the turn's end, whether the turn
// shows anything, and how it ended: with err, or else with why something that it gave
// could not be committed. Nothing may be added any more.
func (l *ledger) close(err error) (step journal.Step, then func(), shows bool, end error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err == nil {
		err = l.err
	}
	step, then = l.take()
	return step, then, l.shown || step.Shows(), err
}
