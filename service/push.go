package service

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/manyvox/manyvox/channels"
	manyvoxv1 "github.com/manyvox/manyvox/gen/manyvox/v1"
	"github.com/manyvox/manyvox/service/journal"
)

// Send stores a message that no user asked for.
func (c conversations) Send(ctx context.Context, req *manyvoxv1.SendRequest) (*manyvoxv1.SendResponse, error) {
	p, err := c.push(ctx, req)
	if err != nil {
		return nil, err
	}
	if err := c.s.room(ctx, 0); err != nil {
		return nil, err
	}
	known, err := c.s.journal.Push(ctx, *p)
	switch {
	case err != nil:
		return nil, c.failed(ctx, err)
	case known == nil:
		return &manyvoxv1.SendResponse{MessageId: p.Key.ID, PartIds: partIDs(p.Parts)}, nil
	case bytes.Equal(known.Digest, p.Digest):
		return &manyvoxv1.SendResponse{MessageId: p.Key.ID, Duplicate: true}, nil
	}
	return nil, channels.Errorf(channels.CodeAlreadyExists, "message_id: used for another message of this conversation")
}

// push makes of a request what is stored. Its errors are the caller's.
func (c conversations) push(ctx context.Context, req *manyvoxv1.SendRequest) (*journal.Push, error) {
	in, err := c.sender(req)
	if err != nil {
		return nil, err
	}
	said, err := c.said(req)
	if err != nil {
		return nil, err
	}
	replies := channels.Expand(*said, in.SplitParagraphs)
	if isBlank(replies) {
		return nil, channels.Errorf(channels.CodeInvalid, "reply: shows nothing: expected text, buttons, image, attachment or custom")
	}
	to := channels.Part{Channel: in.Name, Sender: req.GetSender()}
	if to.Address, err = c.addressOf(ctx, in, req); err != nil {
		return nil, err
	}
	key := journal.Key{Channel: in.Name, Sender: req.GetSender(), ID: req.GetMessageId()}
	if key.ID == "" {
		key.ID = newID()
	}
	parts, err := c.partsOf(ctx, in, to, replies, key)
	if err != nil {
		return nil, err
	}
	return &journal.Push{
		Key: key, Digest: pushDigest(req, said), Window: in.window(), Parts: parts,
		Events: []channels.Event{{
			Kind: channels.EventReply, Channel: key.Channel, Sender: key.Sender, MessageID: key.ID, Time: time.Now(), Replies: replies,
		}},
	}, nil
}

func (c conversations) partsOf(
	ctx context.Context, in *Instance, to channels.Part, replies []channels.Reply, key journal.Key,
) ([]channels.Part, error) {
	parts, err := in.partsOf(to, replies, pushedIDs(key))
	switch {
	case err != nil:
		c.s.log.ErrorContext(ctx, "message not sent", "channel", in.Name, "error", err)
		return nil, channels.Errorf(channels.CodeInternal, "channel %s: failed to prepare the reply; the log tells why", in.Name)
	case len(parts) == 0:
		return nil, channels.Errorf(channels.CodeInvalid, "reply: channel %s has no way to show it", in.Name)
	}
	return parts, nil
}

func isBlank(replies []channels.Reply) bool {
	return !slices.ContainsFunc(replies, func(r channels.Reply) bool {
		return r.Kind() != channels.KindText || strings.TrimSpace(r.Text) != ""
	})
}

// sender finds the channel of a request and whether it may send.
func (c conversations) sender(req *manyvoxv1.SendRequest) (*Instance, error) {
	if c.s.draining.Load() {
		return nil, errDraining
	}
	if err := required(req); err != nil {
		return nil, err
	}
	in, ok := c.s.byName[req.GetChannel()]
	if !ok {
		return nil, c.s.unknownChannel(req.GetChannel())
	}
	if _, ok := in.Channel.(channels.Sender); !ok {
		return nil, channels.Errorf(channels.CodeFailedPrecondition, "channel %s: type %s cannot send", in.Name, in.Type.Name)
	}
	return in, nil
}

// said reads the reply of a request, and holds the request to the limits that the door
// has for messages.
func (c conversations) said(req *manyvoxv1.SendRequest) (*channels.Reply, error) {
	if err := c.s.validate(&channels.Message{Sender: req.GetSender(), ID: req.GetMessageId()}); err != nil {
		return nil, err
	}
	if n := len(req.GetReply().GetText()); n > c.s.limits.Text {
		return nil, channels.Errorf(channels.CodeInvalid, "reply.text: %d bytes, more than the limit of %d", n, c.s.limits.Text)
	}
	r, err := channelReply(req.GetReply())
	if err != nil {
		return nil, channels.Errorf(channels.CodeInvalid, "reply: %v", err)
	}
	r.RecipientID = req.GetSender()
	return r, nil
}

// addressOf returns where a message goes: where the caller says, or where the last one
// came from, or what the channel knows.
func (c conversations) addressOf(ctx context.Context, in *Instance, req *manyvoxv1.SendRequest) (string, error) {
	if req.Address != nil {
		return req.GetAddress(), nil
	}
	address, known, err := c.s.journal.Address(ctx, channels.Conversation{Channel: in.Name, Sender: req.GetSender()})
	if err != nil {
		return "", c.failed(ctx, err)
	}
	if known {
		return address, nil
	}
	a, ok := in.Channel.(channels.Addresser)
	if !ok {
		return "", channels.Errorf(channels.CodeFailedPrecondition,
			"address: channel %s does not know one, since the sender has not written yet: give one", in.Name)
	}
	if address, err = a.Address(req.GetSender()); err != nil {
		return "", channels.Errorf(channels.CodeFailedPrecondition, "address: channel %s: %v", in.Name, err)
	}
	return address, nil
}

// pushDigest is the same for the same content. The address that was found counts for
// nothing: a repeat may find another.
func pushDigest(req *manyvoxv1.SendRequest, said *channels.Reply) []byte {
	body, _ := json.Marshal(struct { // what was read as JSON is JSON
		Pushed  *channels.Reply
		Address *string
	}{said, req.Address})
	sum := sha256.Sum256(body)
	return sum[:]
}

func partIDs(parts []channels.Part) []string {
	ids := make([]string, len(parts))
	for i := range parts {
		ids[i] = parts[i].ID
	}
	return ids
}
