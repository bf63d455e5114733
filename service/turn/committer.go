package turn

import (
	"context"
	"sync"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// batchTime is how long a reply may wait for the next, or for the end of the turn, so
// that they share a transaction. A program that dies between an agent's last reply and
// the end of its turn would leave a turn that was answered as one that was interrupted.
const batchTime = 2 * time.Millisecond

// committer commits what a turn gives, in order and in batches, before anybody may see it.
type committer struct {
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
func (c *committer) add(parts []channels.Part, event channels.Event, then func()) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil {
		return c.err
	}
	c.held.Parts = append(c.held.Parts, parts...)
	c.held.Events = append(c.held.Events, event)
	c.held.Shown = true
	c.then = append(c.then, then)
	if c.timer == nil {
		c.timer = time.AfterFunc(batchTime, func() { _ = c.flush() }) // the next call has the error
	}
	return nil
}

// show commits what is held, and that something is shown, unless that is known.
func (c *committer) show() error {
	c.mu.Lock()
	c.held.Shown = c.held.Shown || !c.shown
	c.mu.Unlock()
	return c.flush()
}

// flush commits what is held.
func (c *committer) flush() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	step, then := c.take()
	if c.err != nil || !step.Shows() {
		return c.err
	}
	if err := c.commit(c.ctx, step); err != nil {
		c.err = &channels.Error{Code: channels.CodeUnavailable, Message: "the reply cannot be stored now", Err: err}
		return c.err
	}
	c.shown = true
	then()
	return nil
}

// take returns what is held, which is not held any more.
func (c *committer) take() (step journal.Step, then func()) {
	if c.timer != nil {
		c.timer.Stop()
	}
	step, follow := c.held, c.then
	c.held, c.then, c.timer = journal.Step{}, nil, nil
	return step, func() {
		for _, f := range follow {
			f()
		}
	}
}

// close returns what is held, to be committed with the turn's end, whether the turn
// shows anything, and how it ended: with err, or else with why something that it gave
// could not be committed. Nothing may be added any more.
func (c *committer) close(err error) (step journal.Step, then func(), shows bool, end error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err == nil {
		err = c.err
	}
	step, then = c.take()
	return step, then, c.shown || step.Shows(), err
}
