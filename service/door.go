package service

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/manyvox/manyvox/channels"
)

// Policy decides at the door whether a message may enter; its error, of type
// *channels.Error, is the answer. It may change the message.
type Policy func(ctx context.Context, m *channels.Message) error

// door is the Inbox of one channel: the only way in, whatever the protocol.
type door struct {
	s  *Service
	in *Instance
	// parsed says that a message's metadata is known to be JSON.
	parsed bool
	// made says that the message's id is ours.
	made bool
}

// Ask admits m, waits for its turn in the conversation and runs it.
func (d door) Ask(ctx context.Context, m channels.Message, r channels.Replier) error {
	named := m.ID != "" && !d.made
	if err := d.enter(ctx, &m); err != nil {
		return err
	}
	if n := d.s.asks.Add(1); n > int64(d.s.limits.Asks) {
		d.s.leave()
		return d.in.counters.refuse(errAsks, 1)
	}
	defer d.s.leave()
	defer d.in.counters.ask(r)()
	if named {
		return d.s.askOnce(ctx, d.in, &m, r)
	}
	return d.s.ask(ctx, d.in, &m, r)
}

var errAsks = &channels.Error{
	Code: channels.CodeOverloaded, RetryAfter: retryAfter, Message: "too many messages are being answered",
}

func (s *Service) leave() {
	s.asks.Add(-1)
	s.noticeIdle()
}

// enter admits a message whose caller waits, if its sender has not written too much.
func (d door) enter(ctx context.Context, m *channels.Message) error {
	err := d.admit(ctx, m)
	if err == nil {
		err = d.in.gate.pace(m.Sender)
	}
	if err != nil {
		return d.in.counters.refuse(err, 1)
	}
	return nil
}

// admit lets a message in or says why not, and completes it. Everything that holds
// for all protocols and channels is here.
func (d door) admit(ctx context.Context, m *channels.Message) error {
	if d.s.draining.Load() {
		return errDraining
	}
	if err := d.s.authorize(ctx, d.in); err != nil {
		return err
	}
	complete(d.in, m)
	if err := d.s.validate(m); err != nil {
		return err
	}
	if !d.parsed && m.Metadata != nil && !json.Valid(m.Metadata) {
		return channels.Errorf(channels.CodeInvalid, "metadata: not JSON")
	}
	for _, policy := range d.s.policies {
		if err := policy(ctx, m); err != nil {
			return channels.AsError(err)
		}
	}
	d.s.stamp(m)
	return d.in.gate.admit(m)
}

// stamp sets a time that can be one: a policy or a channel may have taken milliseconds
// for seconds, and what has no JSON form can't be stored.
func (s *Service) stamp(m *channels.Message) {
	if now := time.Now(); m.Received.Year() < 1970 || m.Received.After(now) {
		m.Received = now
	}
}

// complete fills in what the message did not bring, as Rasa's UserMessage does.
func complete(in *Instance, m *channels.Message) {
	m.Channel = in.Name
	m.Text = strings.TrimSpace(m.Text)
	if m.Sender == "" {
		m.Sender = "default"
	}
	if m.InputChannel == "" {
		m.InputChannel = in.InputChannel
	}
	if m.ID == "" {
		m.ID = newID()
	}
	if len(m.Metadata) == 0 {
		m.Metadata = nil // what a channel made of nothing is nothing
	}
}

// newID returns 32 random hex digits, the form of Rasa's message ids.
func newID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails: https://pkg.go.dev/crypto/rand#Read
	return hex.EncodeToString(b[:])
}

func (s *Service) validate(m *channels.Message) error {
	const tooLong = "%s: %d bytes, more than the limit of %d"
	switch {
	case len(m.Sender) > s.limits.Sender:
		return channels.Errorf(channels.CodeInvalid, tooLong, "sender", len(m.Sender), s.limits.Sender)
	case len(m.Text) > s.limits.Text:
		return channels.Errorf(channels.CodeInvalid, tooLong, "message", len(m.Text), s.limits.Text)
	case len(m.ID) > maxMessageID:
		return channels.Errorf(channels.CodeInvalid, tooLong, "message_id", len(m.ID), maxMessageID)
	case len(m.InputChannel) > s.limits.Sender:
		return channels.Errorf(channels.CodeInvalid, tooLong, "input_channel", len(m.InputChannel), s.limits.Sender)
	case !utf8.ValidString(m.Sender):
		return channels.Errorf(channels.CodeInvalid, "sender: not UTF-8")
	case !utf8.ValidString(m.Text):
		return channels.Errorf(channels.CodeInvalid, "message: not UTF-8")
	case len(m.Attachments) > maxAttachments:
		return channels.Errorf(channels.CodeInvalid, "attachments: %d, more than the limit of %d", len(m.Attachments), maxAttachments)
	}
	for i, a := range m.Attachments {
		if a.Size < 0 {
			return channels.Errorf(channels.CodeInvalid, "attachments[%d].size: negative", i)
		}
	}
	return nil
}

// Wake lets what waits for an absent sender leave, by this process.
func (d door) Wake(ctx context.Context, sender string) error {
	return d.s.journal.Wake(ctx, channels.Conversation{Channel: d.in.Name, Sender: sender})
}

// Gone lets what waits for a sender be any process's.
func (d door) Gone(ctx context.Context, sender string) error {
	return d.s.journal.Gone(ctx, channels.Conversation{Channel: d.in.Name, Sender: sender})
}

var (
	_ channels.Inbox = door{}
	_ channels.Waker = door{}
)
