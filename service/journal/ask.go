package journal

import (
	"context"

	"github.com/manyvox/manyvox/channels"
)

// Asks is the part of a Journal about messages whose senders wait for the answer. They
// are not stored to be answered later; what is kept, when the caller gave the message
// an id, is what became of it, so that a repeat is not answered twice.
type Asks interface {
	// Acquire puts a caller that waits, and is not stored, at the end of the
	// conversation's queue and returns when it is first: it then has the lock, which
	// must be released once. It fails with ErrQueueFull when maxWaiting callers wait
	// there already, unless the queue is empty, or with the cause of ctx's end.
	Acquire(ctx context.Context, c channels.Conversation, maxWaiting int) (Lock, error)

	// Begin records that the turn of the message begins, whose caller has the lock,
	// with the digest of what it says, and appends an EventMessage. A key that is
	// known already changes nothing and is returned instead, unless its state is
	// StateFailed and its digest is the same: then its turn begins anew.
	Begin(ctx context.Context, lock Lock, e Entry, digest []byte) (Asked, *Known, error)

	// SettleAsk commits one step of a turn that Begin began; its outcomes are
	// OutcomeDone, OutcomeFailed and OutcomeInterrupted, and none makes a dead
	// letter. It fails as Settle does.
	SettleAsk(ctx context.Context, a Asked, s Step) error

	// Recall returns what is known of a message, nil when nothing is. A turn whose
	// process died is interrupted when it had shown something, and failed otherwise.
	Recall(ctx context.Context, k Key) (*Known, error)
}

// Lock is the lock of a conversation: whoever has it is the only one whose message is
// answered.
type Lock struct {
	// Claim is the store's.
	Claim Claim
	// Paused says that the conversation is paused: nothing is answered.
	Paused bool
	// Release lets the next of the queue begin. It is called once.
	Release func()
}

// Asked is the right to settle the turn of an asked message.
type Asked struct {
	Key Key
	// Token is the fencing token: it rises each time the turn begins.
	Token int64
}

// Known is what is known of a message by its key.
type Known struct {
	// Digest is that of what the message says; nil when it was not asked but stored
	// by Enqueue.
	Digest []byte
	// State is empty, and there are no replies, when it was not asked.
	State State
	// Replies are those that the turn gave, each with its parts.
	Replies [][]channels.Reply
	// Forgotten says that some replies are not kept any more.
	Forgotten bool
}

// State says how far the turn of an asked message has come.
type State string

// The states.
const (
	// StateRunning is that of a turn that goes on, perhaps in another process.
	StateRunning State = "running"
	// StateDone is that of a turn that was answered.
	StateDone State = "done"
	// StateFailed is that of a turn that showed nothing and may begin anew.
	StateFailed State = "failed"
	// StateInterrupted is that of a turn that failed and may not.
	StateInterrupted State = "interrupted"
)
