package service

import (
	"errors"
	"fmt"
	"time"
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
	// Turns is how many stored messages are answered at once. Default 1,000.
	Turns int `yaml:"turns"`
	// Sender is the longest sender, in bytes. Default 256.
	Sender int `yaml:"sender"`
	// Text is the longest text, in bytes. Default 65,536.
	Text int `yaml:"text"`
}

// The longest message id and the most attachments of a message.
const (
	maxMessageID   = 256
	maxAttachments = 32
)

// retryAfter is what a caller over a limit is told to wait.
const retryAfter = time.Second

// DefaultLimits returns the limits that hold where endpoints.yml says nothing.
func DefaultLimits() Limits {
	return Limits{Asks: 10_000, AsksPerConversation: 100, Inbox: 100_000, Turns: 1000, Sender: 256, Text: 64 << 10}
}

// Validate names each limit that is not positive.
func (l Limits) Validate() error {
	var errs []error
	for _, limit := range []struct {
		key   string
		value int
	}{
		{"asks", l.Asks}, {"asks_per_conversation", l.AsksPerConversation},
		{"inbox", l.Inbox}, {"turns", l.Turns}, {"sender", l.Sender}, {"text", l.Text},
	} {
		if limit.value <= 0 {
			errs = append(errs, fmt.Errorf("%s: expected a positive number", limit.key))
		}
	}
	return errors.Join(errs...)
}
