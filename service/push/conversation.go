package push

import (
	"context"
	"slices"
	"strings"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/instance"
)

// Conversations knows with whom agents have talked. It guesses nothing.
type Conversations struct {
	Journal  History
	Channels *instance.Registry
	// Flush returns once what was said in a conversation is in the journal.
	Flush func(ctx context.Context, c channels.Conversation) error
}

// History is what it asks of the journal.
type History interface {
	Address(ctx context.Context, c channels.Conversation) (address string, known bool, err error)
	History(ctx context.Context, c channels.Conversation, n int) ([]channels.Event, error)
	IsPaused(ctx context.Context, c channels.Conversation) (bool, error)
}

// Find returns the one conversation that an agent means. Channel is the name of a channel in
// use, or the input_channel that its messages are recorded with; name is what the agent calls
// the sender. Its errors of type *channels.Error are the caller's, the others the journal's.
func (s Conversations) Find(ctx context.Context, agent agents.Pusher, channel, name string) (c channels.Conversation, err error) {
	var found []channels.Conversation
	for _, in := range s.Channels.All() {
		sender, ok := agent.SenderOf(in.Name, name)
		if !ok {
			continue
		}
		c := channels.Conversation{Channel: in.Name, Sender: sender}
		meant, err := s.isMeant(ctx, in, c, channel)
		if err != nil {
			return c, err
		}
		if meant {
			found = append(found, c)
		}
	}
	switch len(found) {
	case 0:
		return c, channels.Errorf(channels.CodeFailedPrecondition,
			"channel, sender: no sender of this name has written by a channel %q", instance.Shorten(channel)).
			Because(channels.ReasonAddressUnknown)
	case 1:
		return found[0], s.checkPaused(ctx, found[0])
	}
	var names []string
	for _, c := range found {
		names = append(names, c.Channel)
	}
	return c, channels.Errorf(channels.CodeFailedPrecondition,
		"channel, sender: senders of this name have written by several channels that %q may mean: %s: give each an input_channel of its own",
		instance.Shorten(channel), strings.Join(names, ", ")).Because(channels.ReasonAddressUnknown)
}

// isMeant reports whether there is such a conversation, and whether the channel's name, the
// name that the channel records, or that of the sender's last message is the one given.
func (s Conversations) isMeant(ctx context.Context, in *instance.Instance, c channels.Conversation, name string) (bool, error) {
	if err := s.Flush(ctx, c); err != nil {
		return false, err
	}
	_, known, err := s.Journal.Address(ctx, c)
	if err != nil || !known || in.Name == name || in.InputChannel == name {
		return known, err
	}
	recorded, err := s.recordedChannel(ctx, c)
	return recorded == name, err
}

// recordedChannel returns the input_channel of the last message, "" where it is not found. Most
// often few replies follow the message.
func (s Conversations) recordedChannel(ctx context.Context, c channels.Conversation) (string, error) {
	for _, n := range []int{16, 1000} {
		events, err := s.Journal.History(ctx, c, n)
		if err != nil {
			return "", err
		}
		for _, e := range slices.Backward(events) {
			if e.Message != nil {
				return e.Message.InputChannel, nil
			}
		}
		if len(events) < n {
			break
		}
	}
	return "", nil
}

// checkPaused refuses a conversation that a human has taken over.
func (s Conversations) checkPaused(ctx context.Context, c channels.Conversation) error {
	paused, err := s.Journal.IsPaused(ctx, c)
	if err == nil && paused {
		return channels.Errorf(channels.CodeFailedPrecondition, "the conversation is paused: a human answers in it")
	}
	return err
}
