package postgres

import (
	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// operation is a change that happens wholly or not at all. A transaction has several, of
// different callers. Each names what it needs beforehand, so that one round trip can lock and
// read for all of them, and in one order.
type operation struct {
	needs
	// apply decides by what was read, and says what changes. It fails only before it
	// has changed anything of the transaction, so that the others can go on without it.
	// It may be called again, in another transaction.
	apply func(*tx) error
	// exclusive is called in place of apply, in a transaction of its own, for what needs
	// statements whose result decides what is written.
	exclusive func(*tx) error
	// onLateCommit is called when the operation was committed after its caller had given
	// up waiting; it may be nil.
	onLateCommit func()

	// err is the outcome, set by the writer before it closes done.
	err  error
	done chan struct{}
}

// needs are what operations ask to be locked and read before they are applied.
type needs struct {
	// conversations are locked.
	conversations []channels.Conversation
	// keys are of these conversations; what is known of them is read.
	keys []journal.Key
	// messages, parts and waiters are conversations of which the first is read.
	messages, parts, waiters []channels.Conversation
	// live are conversations of which the parts that have an owner are read.
	live []channels.Conversation
	// numbers is how many are to be given at most.
	numbers int
}

func (n *needs) add(o *needs) {
	n.conversations = append(n.conversations, o.conversations...)
	n.keys = append(n.keys, o.keys...)
	n.messages, n.parts = append(n.messages, o.messages...), append(n.parts, o.parts...)
	n.waiters = append(n.waiters, o.waiters...)
	n.live = append(n.live, o.live...)
	n.numbers += o.numbers
}

// locking returns an operation on one conversation.
func locking(c channels.Conversation, apply func(*tx) error) *operation {
	return &operation{needs: needs{conversations: []channels.Conversation{c}}, apply: apply}
}
