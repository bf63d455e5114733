package turn

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/worker"
)

// batchTime is how long a reply may wait for the next, or for the end of the turn, so
// that they share a transaction. A program that dies between an agent's last reply and
// the end of its turn would leave a turn that was answered as one that was interrupted.
const batchTime = 2 * time.Millisecond

// committer commits what a turn gives, in order and in batches, before anybody may see it.
// While the journal fails it keeps the step that is under way and tries again. The step
// stays as it is, so that a store that did commit it recognizes it.
type committer struct {
	// base ends with the program, and the tries with it.
	base context.Context
	// turn is the turn's own: nobody waits longer for a step. It is set before the turn.
	turn   context.Context
	commit func(context.Context, journal.Step) error
	log    *slog.Logger

	mu    sync.Mutex
	held  journal.Step
	then  []func() // follow the commit of what is held
	timer *time.Timer
	// underWay is closed once the step under way is committed or given up; nil when none is.
	underWay chan struct{}
	// shown says that something was committed that shows.
	shown bool
	// err is why a step was given up, or errOver once the turn is over.
	err error
}

// add takes what a step is to have more, and what is to follow once it is committed. It
// waits while an earlier step is under way, and fails when that is given up or ctx ends. Two
// steps that complete or begin a live part must not be added without a wait between.
func (c *committer) add(ctx context.Context, s journal.Step, then func()) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.await(ctx); err != nil {
		return err
	}
	c.held.Parts = append(c.held.Parts, s.Parts...)
	c.held.Events = append(c.held.Events, s.Events...)
	c.held.Shown = c.held.Shown || s.Shown
	if s.Begin != nil {
		c.held.Begin = s.Begin
	}
	if s.Complete != nil {
		c.held.Complete = s.Complete
	}
	c.then = append(c.then, then)
	if c.timer == nil {
		c.timer = time.AfterFunc(batchTime, c.flush)
	}
	return nil
}

// withdraw takes back a live part that is held, and reports whether one was: otherwise it is
// committed. It waits and fails as add does.
func (c *committer) withdraw(ctx context.Context) (withdrawn bool, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.await(ctx); err != nil {
		return false, err
	}
	if c.held.Begin == nil {
		return false, nil
	}
	c.held.Begin = nil
	if !c.held.Shows() {
		c.take()
	}
	return true, nil
}

// show returns once it is committed that the turn has shown something, and what is held
// too. It fails as add does.
func (c *committer) show(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.await(ctx); err != nil {
		return err
	}
	c.held.Shown = c.held.Shown || !c.shown
	if !c.held.Shown {
		return nil
	}
	step, then := c.begin()
	go c.finish(step, then) // close waits for it
	return c.await(ctx)
}

// await waits, unlocked, while a step is under way. It returns why nothing more is taken,
// or an error when ctx or the turn ends before.
func (c *committer) await(ctx context.Context) error {
	for c.underWay != nil && c.err == nil {
		underWay := c.underWay
		c.mu.Unlock()
		var ended error
		select {
		case <-underWay:
		case <-ctx.Done():
			ended = context.Cause(ctx)
		case <-c.turn.Done():
			ended = context.Cause(c.turn)
		}
		c.mu.Lock()
		if ended != nil {
			return notStored(ended)
		}
	}
	return c.err
}

// flush commits what is held, unless something is under way, nothing is held or the turn
// is over. The timer calls it.
func (c *committer) flush() {
	c.mu.Lock()
	if c.err != nil || c.underWay != nil || !c.held.Shows() {
		c.mu.Unlock()
		return
	}
	step, then := c.begin()
	c.mu.Unlock()
	c.finish(step, then)
}

// begin takes what is held and puts it under way. Finish must follow.
func (c *committer) begin() (step journal.Step, then func()) {
	c.underWay = make(chan struct{})
	return c.take()
}

// finish commits the step under way, however often it has to try.
func (c *committer) finish(step journal.Step, then func()) {
	err := worker.Commit(c.base, c.log, func(ctx context.Context) error { return c.commit(ctx, step) })
	c.mu.Lock()
	defer c.mu.Unlock()
	if err != nil {
		c.err = notStored(err)
	} else {
		c.shown = true
		then()
	}
	close(c.underWay)
	c.underWay = nil
}

// notStored is the error of a reply that was not committed.
func notStored(cause error) *channels.Error {
	return &channels.Error{Code: channels.CodeAborted, Message: "the reply could not be stored", Err: cause}
}

// take returns what is held, which is not held any more. The lock is held, or the
// committer closed.
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

// close waits for the step under way and lets nothing more in. It returns whether the turn
// shows anything, what is still held included except a text that only begins, and how the
// turn ended: with err, or else with why something that it gave could not be committed. Take follows: what it returns is
// committed with the turn's end.
func (c *committer) close(err error) (shows bool, end error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.underWay != nil {
		underWay := c.underWay
		c.mu.Unlock()
		<-underWay
		c.mu.Lock()
	}
	if err == nil {
		err = c.err
	}
	c.err = errOver
	if c.timer != nil {
		c.timer.Stop()
	}
	held := c.held
	held.Begin = nil
	return c.shown || held.Shows(), err
}
