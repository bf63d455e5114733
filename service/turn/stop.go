package turn

import (
	"context"
	"errors"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// errStopped ends a turn that was stopped.
var errStopped = channels.Errorf(channels.CodeCanceled, "the turn was stopped").Because(channels.ReasonStopped)

// Stop ends the turn of an asked message that has an id of its caller's, and reports
// whether one ran, or waited for its place, in this process. What it has shown stays, a text in
// progress as far as it came, and is what a repeat of the message gets. Those who follow
// the turn learn that it was stopped. Stop does not wait for that.
func (x *Executor) Stop(c channels.Conversation, messageID string) bool {
	e := journal.Entry{Message: channels.Message{Channel: c.Channel, Sender: c.Sender, ID: messageID}}
	return x.inFlight.stop(e.Key())
}

// StopPosted ends the turn of a stored message that runs in this process, of any message of
// the conversation when messageID is empty, and reports whether there was one. What it has
// shown stays, and the next message of the conversation follows. It makes no dead letter.
func (x *Executor) StopPosted(c channels.Conversation, messageID string) bool {
	return x.running.stop(c, messageID)
}

// stop ends a turn that runs, and reports whether there was one. Unlike one that is ended for
// its place, it keeps that until it is over: who asks and stops has no more places than
// who waits.
func (l *inFlightAsks) stop(k journal.Key) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	a := l.running[k]
	if a == nil {
		return false
	}
	l.removeAlone(a)
	a.cancel(errStopped) // the first cause stays
	return true
}

// isStopped reports whether a turn's ctx has ended by Stop.
func isStopped(ctx context.Context) bool {
	return errors.Is(context.Cause(ctx), errStopped)
}

// outliving returns the ctx in which what a turn has shown is completed: one that was stopped
// still does that.
func outliving(ctx context.Context, stopped bool) context.Context {
	if stopped {
		return context.WithoutCancel(ctx)
	}
	return ctx
}
