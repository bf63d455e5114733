package channels

import "context"

// Inbox is the one door through which every message enters. A channel chooses how the
// replies come back: by Post they go out later through its Send, by Ask they come while
// it waits. The methods may be called concurrently.
type Inbox interface {
	// Post takes messages whose replies go out by the channel's Send later. When
	// it returns nil, they are stored durably and the webhook may answer 2xx.
	// Its errors are of type *Error or wrap one. By errors.Is each matches exactly one of
	// two: ErrInvalid (acknowledge, since the same message would fail again) or
	// ErrUnavailable (answer 503, so that the platform redelivers). When some of several
	// messages can never be taken, the others are stored, and the error matches ErrInvalid.
	Post(ctx context.Context, ms ...Message) error
	// Ask takes a message and waits until its turn is over. The replies go to r, in
	// order, as they come. Its errors are of type *Error.
	Ask(ctx context.Context, m Message, r Replier) error
}

// Waker is the role of the Inbox that the service gives to a channel.
type Waker interface {
	// Wake reports that the sender is connected to this process: Send finds them here,
	// and in no other process of the service. The parts that wait for them, also those
	// whose Send failed with SendAbsent, are sent at once and by this process, until
	// Gone. Send must be able to reach them before Wake is called. Wake may be called
	// again, for each connection or for parts that were missed. After an error it
	// should be.
	Wake(ctx context.Context, sender string) error
	// Gone reports that the sender's last connection to this process has ended. It
	// cancels every Wake before it, so the two must be called in the order in which
	// connections begin and end. If the sender is connected to another process
	// meanwhile, Gone changes nothing.
	Gone(ctx context.Context, sender string) error
}

// Stopper is the role of the Inbox that the service gives to a channel.
type Stopper interface {
	// Stop ends the turn of a posted message that is under way, for a platform whose users
	// can stop an answer. What the turn has shown stays, a text that grows as far as it came,
	// and the conversation's next message follows. An empty messageID stands for the turn of
	// the sender's conversation, whichever message it answers. Stop does nothing when no such
	// turn runs in this process, and does not wait for the turn to end.
	Stop(ctx context.Context, sender, messageID string) error
}
