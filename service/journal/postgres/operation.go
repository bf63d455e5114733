package postgres

import "github.com/manyvox/manyvox/channels"

// operation is a change that happens wholly or not at all.
type operation struct {
	needs
	// apply decides by what was read, and says what changes. It fails only before it
	// has changed anything of the transaction. It may be called again, in another one.
	apply func(*tx) error
	// exclusive is run in place of run, in a transaction of its own.
	exclusive func(*tx) error
	// onLateCommit is called when the operation was committed after its caller had given
	// up waiting; it may be nil.
	onLateCommit func()

	err  error
	done chan struct{}
}

// locking returns an operation on one conversation.
func locking(c channels.Conversation, run func(*tx) error) *operation {
	return &operation{needs: needs{conversations: []channels.Conversation{c}}, apply: run}
}
