package instance

import (
	"context"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// Capacity refuses what would be stored beyond the limits: too many messages, or on a
// disk that must not fill up to where nothing can be settled any more.
type Capacity struct {
	journal interface {
		Depth(ctx context.Context) (journal.Depth, error)
	}
	limits *Limits
}

// NewCapacity returns the capacity of a journal.
func NewCapacity(j interface {
	Depth(ctx context.Context) (journal.Depth, error)
}, l *Limits) *Capacity {
	return &Capacity{j, l}
}

// Check refuses so many more messages when there is no room for them. When the journal
// does not say how full it is, there is: whoever stores next gets its error.
func (c *Capacity) Check(ctx context.Context, messages int) error {
	d, err := c.journal.Depth(ctx)
	switch {
	case err != nil:
		return nil //nolint:nilerr // whoever stores next has the error
	case d.Inbox+messages > c.limits.Inbox:
		return &channels.Error{Code: channels.CodeOverloaded, RetryAfter: RetryAfter, Message: "too many messages are waiting to be answered"}
	case d.Free >= 0 && d.Free < c.limits.FreeDisk:
		return &channels.Error{Code: channels.CodeOverloaded, RetryAfter: RetryAfter, Message: "the journal's disk is almost full"}
	}
	return nil
}
