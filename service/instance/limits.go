package instance

import (
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// Limits is the block "limits:" of endpoints.yml. Each must be positive.
type Limits struct {
	// Asks is how many messages may be waiting for replies or being answered at
	// once. Default 10,000.
	Asks int `yaml:"asks"`
	// AsksPerConversation is how many messages of one conversation may wait behind
	// the one being answered. Default 100.
	AsksPerConversation int `yaml:"asks_per_conversation"`
	// Inbox is how many stored messages may be waiting to be answered. Default 100,000.
	Inbox int `yaml:"inbox"`
	// InboxPerConversation is how many stored messages of one conversation may be
	// waiting. Default 1,000.
	InboxPerConversation int `yaml:"inbox_per_conversation"`
	// StaleAfter is the age from which a stored message is not answered and a part not
	// sent any more. Default 24h.
	StaleAfter time.Duration `yaml:"stale_after"`
	// FreeDisk is how many bytes must be free where the journal is for more to be
	// stored. Default 268,435,456.
	FreeDisk int64 `yaml:"free_disk"`
	// Turns is how many stored messages are answered at once. Default 1,000.
	Turns int `yaml:"turns"`
	// Sender is the longest sender, in bytes. Default 256.
	Sender int `yaml:"sender"`
	// Text is the longest text, in bytes. Default 65,536.
	Text int `yaml:"text"`
}

// The longest message id and ref in bytes, and the most attachments of a message.
const (
	maxMessageID   = 256
	maxRef         = 1024
	maxAttachments = 32
)

// DefaultLimits returns the limits that hold where endpoints.yml says nothing.
func DefaultLimits() Limits {
	return Limits{
		Asks: 10_000, AsksPerConversation: 100, Inbox: 100_000, InboxPerConversation: 1000, StaleAfter: journal.DefaultStaleAfter,
		FreeDisk: 256 << 20, Turns: 1000, Sender: 256, Text: 64 << 10,
	}
}

// Validate names each limit that is not positive.
func (l Limits) Validate() error {
	var errs []error
	for _, limit := range []struct {
		key   string
		value int64
	}{
		{"asks", int64(l.Asks)}, {"asks_per_conversation", int64(l.AsksPerConversation)},
		{"inbox", int64(l.Inbox)}, {"inbox_per_conversation", int64(l.InboxPerConversation)},
		{"stale_after", int64(l.StaleAfter)}, {"free_disk", l.FreeDisk}, {"turns", int64(l.Turns)},
		{"sender", int64(l.Sender)}, {"text", int64(l.Text)},
	} {
		if limit.value <= 0 {
			errs = append(errs, fmt.Errorf("%s: expected a positive number", limit.key))
		}
	}
	return errors.Join(errs...)
}

// Check refuses a message that is over a limit, or is not UTF-8.
func (l *Limits) Check(m *channels.Message) error {
	const tooLong = "%d bytes, more than the limit of %d"
	switch {
	case len(m.Sender) > l.Sender:
		return channels.InvalidField("sender", tooLong, len(m.Sender), l.Sender)
	case len(m.Text) > l.Text:
		return channels.InvalidField("message", tooLong, len(m.Text), l.Text)
	case len(m.ID) > maxMessageID:
		return channels.InvalidField("message_id", tooLong, len(m.ID), maxMessageID)
	case len(m.InputChannel) > l.Sender:
		return channels.InvalidField("input_channel", tooLong, len(m.InputChannel), l.Sender)
	case !utf8.ValidString(m.Sender):
		return channels.InvalidField("sender", "not UTF-8")
	case !utf8.ValidString(m.Text):
		return channels.InvalidField("message", "not UTF-8")
	case len(m.Attachments) > maxAttachments:
		return channels.InvalidField("attachments", "%d, more than the limit of %d", len(m.Attachments), maxAttachments)
	}
	for i := range m.Attachments {
		if err := checkAttachment(i, &m.Attachments[i]); err != nil {
			return err
		}
	}
	return nil
}

// checkAttachment refuses the nth attachment of a message.
func checkAttachment(n int, a *channels.Attachment) error {
	switch {
	case a.Size < 0:
		return channels.InvalidField(fmt.Sprintf("attachments[%d].size", n), "negative")
	case len(a.Ref) > maxRef:
		return channels.InvalidField(fmt.Sprintf("attachments[%d].ref", n), "%d bytes, more than the limit of %d", len(a.Ref), maxRef)
	case !utf8.ValidString(a.Ref):
		return channels.InvalidField(fmt.Sprintf("attachments[%d].ref", n), "not UTF-8")
	case a.Content == nil:
		return nil
	case a.Ref != "" || a.URL != "":
		return channels.InvalidField(fmt.Sprintf("attachments[%d].content", n), "not beside a ref or a url: leave one of them out")
	case len(a.Content) > channels.MaxMedium:
		return channels.Errorf(channels.CodeTooLarge, "attachments[%d].content: %d bytes, more than the limit of %d", n, len(a.Content), channels.MaxMedium)
	}
	return nil
}
