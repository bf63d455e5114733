package channels

import "context"

// Inbox is the one door through which every message enters. The two manners of
// answering are its two verbs, and a channel chooses by the verb. Its methods may
// be called concurrently.
type Inbox interface {
	// Post takes messages whose replies go out by the channel's Send later. When
	// it returns nil they are stored durably and the platform may be answered 2xx.
	// Its errors match ErrInvalid (acknowledge: the same message would fail again)
	// or ErrUnavailable (answer 503, so that the platform redelivers).
	Post(ctx context.Context, ms ...Message) error
	// Ask takes a message and waits: its replies go to r, in order, as they come,
	// before Ask returns. Its errors are of type *Error.
	Ask(ctx context.Context, m Message, r Replier) error
}

// Waker is the role of the Inbox that the service gives to a channel.
type Waker interface {
	// Wake says that the sender is connected to this process: Send finds them here,
	// and in no other process of the service. What waits for them, also after Send
	// failed with SendAbsent, leaves at once and by this process, until Gone. Send must
	// find them before Wake is called. It may be called again, for each connection or
	// for what was missed; after an error it should be.
	Wake(ctx context.Context, sender string) error
	// Gone says that the sender's last connection to this process has ended. It takes
	// back every Wake before it, so the two must be called in the order of what they
	// tell. If the sender is connected to another process meanwhile, it changes nothing.
	Gone(ctx context.Context, sender string) error
}

// Replier takes the replies of one turn. It is called by one goroutine at a time.
type Replier interface {
	// Reply takes a complete reply. Before a channel sees it, the service has
	// expanded it to a single kind and set its recipient. An error ends the turn.
	Reply(ctx context.Context, r Reply) error
	// Delta takes a piece of the text in progress; the next Reply completes it.
	Delta(ctx context.Context, text string) error
}

// Live is the role of a Replier that shows each reply as it comes. An agent may
// choose a slower way to answer when nobody would see the difference.
type Live interface {
	Live() bool
}

// IsLive reports whether a Replier shows each reply as it comes.
func IsLive(r Replier) bool {
	live, ok := r.(Live)
	return ok && live.Live()
}
