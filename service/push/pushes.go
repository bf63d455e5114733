package push

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/instance"
	"github.com/manyvox/manyvox/service/journal"
)

// Pushes stores messages that no user asked for, so that delivery sends them. Its errors are of
// type *channels.Error.
type Pushes struct {
	Journal  Journal
	Channels *instance.Registry
	Limits   *instance.LimitsInUse
	Capacity *instance.Capacity
	InFlight *instance.InFlight
	Log      *slog.Logger
}

// Journal is what it asks of the journal.
type Journal interface {
	Push(ctx context.Context, p journal.Push) (*journal.Known, error)
	Address(ctx context.Context, c channels.Conversation) (address string, known bool, err error)
}

// Message is what is sent.
type Message struct {
	channels.Conversation
	// ID makes it one message however often it comes. Empty becomes a random one.
	ID string
	// Address is where it goes. Nil is where the sender's last message came from, or else what
	// the channel makes of the sender alone.
	Address *string
	// Reply is what it says. Its RecipientID is set.
	Reply channels.Reply
}

// Pushed is a message that is stored.
type Pushed struct {
	ID string
	// Duplicate says that it was stored before: then it has no PartIDs.
	Duplicate bool
	PartIDs   []string
}

// Push stores a message.
func (p Pushes) Push(ctx context.Context, m *Message) (*Pushed, error) {
	stored, err := p.prepare(ctx, m)
	if err != nil {
		return nil, err
	}
	if err := p.Capacity.CheckDisk(ctx); err != nil {
		return nil, err
	}
	known, err := p.Journal.Push(ctx, *stored)
	switch {
	case err != nil:
		return nil, instance.JournalFailed(ctx, p.Log, err)
	case known == nil:
		return &Pushed{ID: stored.Key.ID, PartIDs: partIDs(stored.Parts)}, nil
	case bytes.Equal(known.Digest, stored.Digest):
		return &Pushed{ID: stored.Key.ID, Duplicate: true}, nil
	}
	return nil, channels.Errorf(channels.CodeAlreadyExists, "message_id: used for another message of this conversation")
}

// prepare makes of a message what is stored.
func (p Pushes) prepare(ctx context.Context, m *Message) (*journal.Push, error) {
	in, err := p.channelOf(m)
	if err != nil {
		return nil, err
	}
	defer in.Leave()
	if err := p.check(m); err != nil {
		return nil, err
	}
	m.Reply.RecipientID = m.Sender
	replies := channels.Expand(m.Reply, in.Splits(m.Reply.Format))
	if isBlank(replies) {
		return nil, channels.InvalidField("reply", "shows nothing: expected text, buttons, image, attachment or custom")
	}
	to := channels.Part{Channel: in.Name, Sender: m.Sender}
	if to.Address, err = p.addressOf(ctx, in, m); err != nil {
		return nil, err
	}
	key := journal.Key{Channel: in.Name, Sender: m.Sender, ID: m.ID}
	if key.ID == "" {
		key.ID = instance.NewMessageID()
	}
	to.MessageID = key.ID
	parts, err := p.partsOf(ctx, in, to, replies, key)
	if err != nil {
		return nil, err
	}
	return &journal.Push{
		Key: key, Digest: digestOf(m), Window: in.Window(), Parts: parts,
		Events: []channels.Event{{
			Kind: channels.EventReply, Channel: key.Channel, Sender: key.Sender, MessageID: key.ID, Time: time.Now(), Replies: replies,
		}},
	}, nil
}

// channelOf finds the channel of a message and whether it may send. Unless it fails, the
// channel's instance is entered.
func (p Pushes) channelOf(m *Message) (*instance.Instance, error) {
	switch {
	case p.InFlight.IsDraining():
		return nil, instance.ErrDraining
	case m.Channel == "":
		return nil, channels.InvalidField("channel", "required")
	case m.Sender == "":
		return nil, channels.InvalidField("sender", "required")
	}
	in, err := p.Channels.Enter(m.Channel)
	if err != nil {
		return nil, err
	}
	if !in.Sends() {
		in.Leave()
		return nil, channels.Errorf(channels.CodeFailedPrecondition, "channel %s: type %s cannot send", in.Name, in.Type.Name).
			Because(channels.ReasonChannelNotOpen)
	}
	return in, nil
}

// check holds a message to the limits that the door has for those of users.
func (p Pushes) check(m *Message) error {
	limits := p.Limits.Load()
	if err := limits.Check(&channels.Message{Sender: m.Sender, ID: m.ID}); err != nil {
		return err
	}
	if n := len(m.Reply.Text); n > limits.Text {
		return channels.InvalidField("reply.text", "%d bytes, more than the limit of %d", n, limits.Text)
	}
	return nil
}

// isBlank reports whether no reply shows anything.
func isBlank(replies []channels.Reply) bool {
	return !slices.ContainsFunc(replies, func(r channels.Reply) bool {
		return r.Kind() != channels.KindText || strings.TrimSpace(r.Text) != ""
	})
}

// addressOf returns where a message goes.
func (p Pushes) addressOf(ctx context.Context, in *instance.Instance, m *Message) (string, error) {
	if m.Address != nil {
		return *m.Address, nil
	}
	address, known, err := p.Journal.Address(ctx, m.Conversation)
	if err != nil {
		return "", instance.JournalFailed(ctx, p.Log, err)
	}
	if known {
		return address, nil
	}
	a := in.Addresser()
	if a == nil {
		return "", channels.Errorf(channels.CodeFailedPrecondition,
			"address: channel %s does not know one, since the sender has not written yet: give one", in.Name).
			Because(channels.ReasonAddressUnknown)
	}
	if address, err = a.Address(m.Sender); err != nil {
		return "", channels.Errorf(channels.CodeFailedPrecondition, "address: channel %s: %v", in.Name, err).
			Because(channels.ReasonAddressUnknown)
	}
	return address, nil
}

// partsOf makes the parts that the channel can send. Why a channel fails to is logged and
// not shown: it may quote the inside.
func (p Pushes) partsOf(
	ctx context.Context, in *instance.Instance, to channels.Part, replies []channels.Reply, key journal.Key,
) ([]channels.Part, error) {
	parts, err := in.PartsOf(to, replies, pushedIDs(key))
	switch {
	case err != nil:
		p.Log.ErrorContext(ctx, "message not sent", "channel", in.Name, "error", err)
		return nil, channels.Errorf(channels.CodeInternal, "channel %s: failed to prepare the reply; the log tells why", in.Name)
	case len(parts) == 0:
		return nil, channels.InvalidField("reply", "channel %s has no way to show it", in.Name)
	}
	return parts, nil
}

// pushedIDs numbers the parts of a message that is no turn's: the same for the same
// message, and other ones than those of a turn.
func pushedIDs(k journal.Key) func() string {
	n := 0
	return func() string {
		id := instance.PartID(channels.Conversation{Channel: k.Channel, Sender: k.Sender}, k.ID, fmt.Sprintf("pushed\x00%d", n))
		n++
		return id
	}
}

func partIDs(parts []channels.Part) []string {
	ids := make([]string, len(parts))
	for i := range parts {
		ids[i] = parts[i].ID
	}
	return ids
}
