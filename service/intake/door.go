package intake

import (
	"context"
	"encoding/json"
	"log/slog"
	"strings"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/auth"
	"github.com/manyvox/manyvox/service/instance"
	"github.com/manyvox/manyvox/service/journal"
)

// Policy decides at the door whether a message may enter; its error, of type
// *channels.Error, is the answer. It may change the message.
type Policy func(ctx context.Context, m *channels.Message) error

// Door is the door of all channels. Its fields are set before it is used; its methods
// may be called concurrently.
type Door struct {
	Messages Messages
	Choices  Choices
	Presence Presence
	Aliases  Aliases
	Turns    Turns
	Media    Media
	Guard    auth.Guard
	Limits   *instance.LimitsInUse
	Capacity *instance.Capacity
	InFlight *instance.InFlight
	// Program is the id of this program: see turn.AgentOptions.
	Program string
	// Policies are asked in order about every message.
	Policies []Policy
	Log      *slog.Logger
}

// Messages stores messages to be answered later, as journal.Inbox does, and knows those that
// are stored, as journal.Asks does.
type Messages interface {
	Enqueue(ctx context.Context, es ...journal.Entry) (fresh []bool, err error)
	Refuse(ctx context.Context, limit int, es ...journal.Entry) (int, error)
	Recall(ctx context.Context, k journal.Key) (*journal.Known, error)
}

// Presence knows who is connected here, as journal.Outbox does.
type Presence interface {
	Wake(ctx context.Context, c channels.Conversation) error
	Gone(ctx context.Context, c channels.Conversation) error
}

// Turns answer messages whose callers wait.
type Turns interface {
	// Ask answers a message to which its caller gave no id.
	Ask(ctx context.Context, in *instance.Instance, m *channels.Message, r channels.Replier) error
	// AskOnce answers a message to which its caller gave an id: a repeat does not make a
	// second turn. Said is the message's text as it came: a repeat is known by that, also
	// when it would choose something else by now.
	AskOnce(ctx context.Context, in *instance.Instance, m *channels.Message, said string, r channels.Replier) error
	// Stop ends the turn of AskOnce that a message has, and reports whether it had one here.
	Stop(c channels.Conversation, messageID string) bool
	// StopPosted ends the turn that a stored message has here, or that any of the conversation
	// has when messageID is empty, and reports whether there was one.
	StopPosted(c channels.Conversation, messageID string) bool
}

// Media keeps the bytes of attachments.
type Media interface {
	// Check refuses attachments whose bytes can't be where they say.
	Check(in *instance.Instance, m *channels.Message) error
	// Admit stores the content of attachments, puts refs in its place, and has the message
	// hold what is stored, which kept says there is.
	Admit(ctx context.Context, in *instance.Instance, m *channels.Message) (kept bool, err error)
	// Release deletes what the message holds.
	Release(ctx context.Context, m *channels.Message)
}

// admit lets a message in or says why not, and completes it. Everything that holds for
// all protocols and channels is here. Decoded says that the message's metadata is known
// to be JSON.
func (d *Door) admit(ctx context.Context, in *instance.Instance, m *channels.Message, decoded bool) error {
	if d.InFlight.IsDraining() {
		return instance.ErrDraining
	}
	if err := d.Guard.Channel(ctx, in); err != nil {
		return err
	}
	complete(in, m)
	m.Hops = instance.HopsOf(ctx)
	if err := instance.CheckHops(m.Hops, d.Program); err != nil {
		d.Log.WarnContext(ctx, "message refused", "channel", in.Name, "error", err) // the operator has to mend a url
		return err
	}
	if err := d.Limits.Load().Check(m); err != nil {
		return err
	}
	if err := d.Media.Check(in, m); err != nil {
		return err
	}
	if !decoded && m.Metadata != nil && !json.Valid(m.Metadata) {
		return channels.InvalidField("metadata", "not JSON")
	}
	for _, policy := range d.Policies {
		if err := policy(ctx, m); err != nil {
			return channels.AsError(err)
		}
	}
	correctTime(m)
	return d.admitSender(ctx, in, m.Sender)
}

// Listen refuses a caller that may not be told what is said to a sender of the channel.
func (d *Door) Listen(ctx context.Context, in *instance.Instance, sender string) error {
	if d.InFlight.IsDraining() {
		return instance.ErrDraining
	}
	if err := d.Guard.Channel(ctx, in); err != nil {
		return err
	}
	if err := d.Limits.Load().Check(&channels.Message{Sender: sender}); err != nil {
		return err
	}
	return d.admitSender(ctx, in, sender)
}

// complete fills in what the message did not bring, as Rasa's UserMessage does.
func complete(in *instance.Instance, m *channels.Message) {
	m.Channel = in.Name
	m.Text = strings.TrimSpace(m.Text)
	if m.Sender == "" {
		m.Sender = instance.DefaultSender
	}
	if m.InputChannel == "" {
		m.InputChannel = in.InputChannel
	}
	if m.ID == "" {
		m.ID = instance.NewMessageID()
	}
	if len(m.Metadata) == 0 {
		m.Metadata = nil // what a channel made of nothing is nothing
	}
}

// correctTime replaces a time that cannot be right: a policy or a channel may have taken
// milliseconds for seconds, and a year of five digits has no JSON form.
func correctTime(m *channels.Message) {
	if now := time.Now(); m.Received.Year() < 1970 || m.Received.After(now) {
		m.Received = now
	}
}
