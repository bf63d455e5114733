package turn

import (
	"context"
	"sync"

	"github.com/manyvox/manyvox/channels"
)

// errClaimLost ends a turn whose next commit would be fenced.
var errClaimLost = &channels.Error{
	Code: channels.CodeAborted, Message: "the turn lost its claim: its conversation was deleted, or another program took it over",
}

// running knows the turns of stored messages that run in this process. The journal lets
// one turn of a conversation run at a time, but a turn whose claim was lost, as when its
// conversation was deleted, learns it only when it commits.
type running struct {
	mu    sync.Mutex
	turns map[channels.Conversation]*runningTurn
}

// runningTurn is one of them.
type runningTurn struct {
	messageID string
	// cancel ends the turn, whose commits would be fenced. Stop ends the agent's part of it:
	// what was shown is still completed.
	cancel, stop context.CancelCauseFunc
	over         chan struct{}
}

// begin notes the turn that now has the conversation's lock, once any other has ended. End
// must be called before the lock is given up.
func (r *running) begin(c channels.Conversation, t *runningTurn) (end func()) {
	t.over = make(chan struct{})
	for {
		r.endLost(c)
		r.mu.Lock()
		if r.turns[c] == nil {
			r.turns[c] = t
			r.mu.Unlock()
			return func() { r.end(c, t) }
		}
		r.mu.Unlock()
	}
}

// endLost ends the turn of the conversation that still runs although another has the lock.
func (r *running) endLost(c channels.Conversation) {
	r.mu.Lock()
	t := r.turns[c]
	r.mu.Unlock()
	if t != nil {
		t.cancel(errClaimLost)
		<-t.over
	}
}

// stop stops the turn of the conversation, if it answers that message or messageID is empty,
// and reports whether there was one.
func (r *running) stop(c channels.Conversation, messageID string) bool {
	r.mu.Lock()
	t := r.turns[c]
	r.mu.Unlock()
	if t == nil || messageID != "" && t.messageID != messageID {
		return false
	}
	t.stop(errStopped) // the first cause stays
	return true
}

// end notes that the agent is done with the turn.
func (r *running) end(c channels.Conversation, t *runningTurn) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.turns, c)
	close(t.over)
}
