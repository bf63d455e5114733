package rpc

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/manyvox/manyvox/channels"
	manyvoxv1 "github.com/manyvox/manyvox/gen/manyvox/v1"
	"github.com/manyvox/manyvox/service/instance"
	"github.com/manyvox/manyvox/service/journal"
)

// Sends is the call that sends what no user asked for.
type Sends struct {
	Journal  Pusher
	Channels *instance.Registry
	Limits   *instance.LimitsInUse
	Capacity *instance.Capacity
	InFlight *instance.InFlight
	Log      *slog.Logger
}

// Pusher is what it asks of the journal.
type Pusher interface {
	Push(ctx context.Context, p journal.Push) (*journal.Known, error)
	Address(ctx context.Context, c channels.Conversation) (address string, known bool, err error)
}

// Send stores a message that no user asked for.
func (c Sends) Send(ctx context.Context, req *manyvoxv1.SendRequest) (*manyvoxv1.SendResponse, error) {
	p, err := c.push(ctx, req)
	if err != nil {
		return nil, err
	}
	if err := c.Capacity.CheckDisk(ctx); err != nil {
		return nil, err
	}
	known, err := c.Journal.Push(ctx, *p)
	switch {
	case err != nil:
		return nil, journalFailed(ctx, c.Log, err)
	case known == nil:
		return &manyvoxv1.SendResponse{MessageId: p.Key.ID, PartIds: partIDs(p.Parts)}, nil
	case bytes.Equal(known.Digest, p.Digest):
		return &manyvoxv1.SendResponse{MessageId: p.Key.ID, Duplicate: true}, nil
	}
	return nil, channels.Errorf(channels.CodeAlreadyExists, "message_id: used for another message of this conversation")
}

// push makes of a request what is stored. Its errors are the caller's.
func (c Sends) push(ctx context.Context, req *manyvoxv1.SendRequest) (*journal.Push, error) {
	in, err := c.channelOf(req)
	if err != nil {
		return nil, err
	}
	defer in.Leave()
	reply, err := c.replyOf(req)
	if err != nil {
		return nil, err
	}
	replies := channels.Expand(*reply, in.Splits(reply.Format))
	if isBlank(replies) {
		return nil, channels.InvalidField("reply", "shows nothing: expected text, buttons, image, attachment or custom")
	}
	to := channels.Part{Channel: in.Name, Sender: req.GetSender()}
	if to.Address, err = c.addressOf(ctx, in, req); err != nil {
		return nil, err
	}
	key := journal.Key{Channel: in.Name, Sender: req.GetSender(), ID: req.GetMessageId()}
	if key.ID == "" {
		key.ID = instance.NewMessageID()
	}
	to.MessageID = key.ID
	parts, err := c.partsOf(ctx, in, to, replies, key)
	if err != nil {
		return nil, err
	}
	return &journal.Push{
		Key: key, Digest: pushDigest(req, reply), Window: in.Window(), Parts: parts,
		Events: []channels.Event{{
			Kind: channels.EventReply, Channel: key.Channel, Sender: key.Sender, MessageID: key.ID, Time: time.Now(), Replies: replies,
		}},
	}, nil
}

// partsOf makes the parts that the channel can send. Why a channel fails to is logged and
// not shown: it may quote the inside.
func (c Sends) partsOf(
	ctx context.Context, in *instance.Instance, to channels.Part, replies []channels.Reply, key journal.Key,
) ([]channels.Part, error) {
	parts, err := in.PartsOf(to, replies, pushedIDs(key))
	switch {
	case err != nil:
		c.Log.ErrorContext(ctx, "message not sent", "channel", in.Name, "error", err)
		return nil, channels.Errorf(channels.CodeInternal, "channel %s: failed to prepare the reply; the log tells why", in.Name)
	case len(parts) == 0:
		return nil, channels.InvalidField("reply", "channel %s has no way to show it", in.Name)
	}
	return parts, nil
}

// isBlank reports whether no reply shows anything.
func isBlank(replies []channels.Reply) bool {
	return !slices.ContainsFunc(replies, func(r channels.Reply) bool {
		return r.Kind() != channels.KindText || strings.TrimSpace(r.Text) != ""
	})
}

// channelOf finds the channel of a request and whether it may send. Unless it fails, the
// channel's instance is entered.
func (c Sends) channelOf(req *manyvoxv1.SendRequest) (*instance.Instance, error) {
	if c.InFlight.IsDraining() {
		return nil, instance.ErrDraining
	}
	if err := required(req); err != nil {
		return nil, err
	}
	in, err := c.Channels.Enter(req.GetChannel())
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

// replyOf reads the reply of a request, and holds the request to the limits that the door
// has for messages.
func (c Sends) replyOf(req *manyvoxv1.SendRequest) (*channels.Reply, error) {
	if err := c.Limits.Load().Check(&channels.Message{Sender: req.GetSender(), ID: req.GetMessageId()}); err != nil {
		return nil, err
	}
	if n, limit := len(req.GetReply().GetText()), c.Limits.Load().Text; n > limit {
		return nil, channels.InvalidField("reply.text", "%d bytes, more than the limit of %d", n, limit)
	}
	r, err := sentReply(req.GetReply())
	if err != nil {
		return nil, channels.InvalidField("reply", "%v", err)
	}
	r.RecipientID = req.GetSender()
	return r, nil
}

// addressOf returns where a message goes: where the caller says, or where the last one
// came from, or what the channel knows.
func (c Sends) addressOf(ctx context.Context, in *instance.Instance, req *manyvoxv1.SendRequest) (string, error) {
	if req.Address != nil {
		return req.GetAddress(), nil
	}
	address, known, err := c.Journal.Address(ctx, channels.Conversation{Channel: in.Name, Sender: req.GetSender()})
	if err != nil {
		return "", journalFailed(ctx, c.Log, err)
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
	if address, err = a.Address(req.GetSender()); err != nil {
		return "", channels.Errorf(channels.CodeFailedPrecondition, "address: channel %s: %v", in.Name, err).
			Because(channels.ReasonAddressUnknown)
	}
	return address, nil
}

// pushDigest is the same for the same content. The address that was found counts for
// nothing: a repeat may find another.
func pushDigest(req *manyvoxv1.SendRequest, reply *channels.Reply) []byte {
	body, _ := json.Marshal(struct { // what was read as JSON is JSON
		Pushed  *channels.Reply
		Address *string
		Format  channels.Format `json:",omitempty"`
	}{reply, req.Address, reply.Format})
	sum := sha256.Sum256(body)
	return sum[:]
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
