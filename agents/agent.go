// Package agents holds the contract of agents, which answer messages. An agent type lives
// in a folder of its own beside this file and is listed in agents/builtin.
package agents

import (
	"context"

	"github.com/manyvox/manyvox/channels"
)

// Agent answers messages.
type Agent interface {
	// Answer gives the replies of one turn to r, in order, each as soon as it is
	// ready, and returns when the turn is over. The service calls it concurrently,
	// but never for two turns of one conversation at once. It must return soon after
	// ctx ends. One that has not returned after 5 s is left behind: its turn counts as
	// ended, the next of the conversation may begin beside it, and r takes nothing more.
	// An error of r.Reply or r.Delta ends the turn; Answer returns it.
	//
	// A reply whose text is CommonMark says so by its Format, and its pieces are given by
	// channels.DeltaIn.
	//
	// An error that the message cannot have reached the assistant by is wrapped with
	// NotReached: the message is then tried again. Any other error may follow after the
	// assistant has acted on it, and the type's Repeat says whether it may be run again.
	//
	// An error of type *channels.Error is shown to the caller with its code and
	// message; of any other the caller learns only that the agent failed.
	Answer(ctx context.Context, t Turn, r channels.Replier) error
}

// Turn is one message to be answered.
type Turn struct {
	Message channels.Message
	// Live says that the user sees each reply as it comes. When it is false the
	// replies are shown together at the end.
	Live bool
	// Attempt counts the attempts at the message from 1, this one included. When it is more
	// than 1, an earlier one may have reached the assistant. Attempts that an agent said
	// were NotReached do not count. Of a message whose caller waits it is 2 for every
	// attempt that follows upon a failed one.
	Attempt int
	// Channel describes the channel that the message came by.
	Channel Channel
	// Hops is the header Manyvox-Hops of what an agent sends to its server: by it a message
	// is refused that comes back to a program it has passed through.
	Hops string
	// Record is where History reads. Nil means that there is no history.
	Record Record
	// Media is where Open reads. Nil means that nothing can be read.
	Media Media
	// Meter is where Spend counts. Nil counts nothing.
	Meter Meter
}

// Channel describes a channel to an agent. Its name is that of the Message.
type Channel struct {
	// Type is the type's name, such as "rest".
	Type string
	// Capabilities are what the channel can do, sorted, as Health tells them. They are not
	// to be changed.
	Capabilities []string
}

// Open returns the bytes of an attachment of the message, or of an earlier one: what was
// uploaded or sent with it, what the platform keeps, or what is at its URL. Whoever opens it
// closes it, before the turn ends. There are no more than channels.MaxMedium, and type and
// name are what the sender said. Its errors are of type *channels.Error: CodeNotFound says
// that the bytes are not kept any more.
func (t Turn) Open(ctx context.Context, a channels.Attachment) (channels.Medium, error) {
	if t.Media == nil {
		return channels.Medium{}, channels.Errorf(channels.CodeNotFound, "the turn has no media")
	}
	return t.Media.Open(ctx, a)
}

// History returns the last n events of the conversation before this turn, the oldest
// first: messages of the user and replies of the assistant. Nothing is read before it
// is called. Where the operator keeps no text the events come without it.
func (t Turn) History(ctx context.Context, n int) ([]channels.Event, error) {
	if t.Record == nil {
		return nil, nil
	}
	return t.Record.History(ctx, n)
}

// Record is the stored history of one conversation, as the service hands it to a Turn.
type Record interface {
	History(ctx context.Context, n int) ([]channels.Event, error)
}

// Media are the bytes of attachments, as the service hands them to a Turn.
type Media interface {
	Open(ctx context.Context, a channels.Attachment) (channels.Medium, error)
}

// Func makes an Agent of a function.
type Func func(ctx context.Context, t Turn, r channels.Replier) error

// Answer calls f.
func (f Func) Answer(ctx context.Context, t Turn, r channels.Replier) error { return f(ctx, t, r) }

var _ Agent = Func(nil)
