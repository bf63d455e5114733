package instance

import (
	"context"
	"sync"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// Backlog is what Capacity asks of the journal: what waits in it.
type Backlog interface {
	Depth(ctx context.Context) (journal.Depth, error)
	Waiting(ctx context.Context) (map[string]journal.Waiting, error)
	Queued(ctx context.Context, c channels.Conversation, limit int) (int, error)
}

// Capacity refuses what would be stored beyond the limits. A conversation has a share of
// the inbox, a channel has nine tenths of it beside others, and what waits for channels
// that are not in use takes room from nobody. On a disk that is almost full nothing is
// taken: what is stored must still be settled.
type Capacity struct {
	backlog  Backlog
	limits   *LimitsInUse
	channels *Registry

	mu sync.Mutex
	// reserved are the messages that are let in and not counted by the journal yet.
	reserved map[channels.Conversation]int
}

// NewCapacity returns the capacity of a journal.
func NewCapacity(b Backlog, l *LimitsInUse, list *Registry) *Capacity {
	return &Capacity{backlog: b, limits: l, channels: list, reserved: map[channels.Conversation]int{}}
}

var (
	errInboxFull = &channels.Error{
		Code: channels.CodeOverloaded, RetryAfter: RetryAfter, Message: "too many messages are waiting to be answered",
	}
	errDiskFull = &channels.Error{
		Code: channels.CodeOverloaded, RetryAfter: RetryAfter, Message: "the journal's disk is almost full",
	}
	// ErrConversationFull refuses a message whose conversation has its share of the inbox.
	ErrConversationFull = &channels.Error{
		Code: channels.CodeRateLimited, RetryAfter: RetryAfter, Message: "too many messages of this sender are waiting to be answered",
	}
)

// CheckDisk refuses when the journal's disk is almost full. When the journal does not say
// how full it is, there is room: whoever stores next gets its error.
func (c *Capacity) CheckDisk(ctx context.Context) error {
	if d, err := c.backlog.Depth(ctx); err == nil && d.Free >= 0 && d.Free < c.limits.Load().FreeDisk {
		return errDiskFull
	}
	return nil
}

// Reserve makes room for messages of one channel: for all but those over, whose
// conversations have their shares already. It fails when there is no room for the
// channel. Release is called once the journal has stored them, or not.
func (c *Capacity) Reserve(ctx context.Context, channel string, es []journal.Entry) (fit, over []journal.Entry, release func(), err error) {
	if err := c.CheckDisk(ctx); err != nil {
		return nil, nil, nil, err
	}
	waiting, err := c.backlog.Waiting(ctx)
	if err != nil { // whoever stores next has the error
		return es, nil, func() {}, nil
	}
	queued := c.queued(ctx, waiting[channel].Inbox, es)
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.checkInbox(waiting, channel, len(es)); err != nil {
		return nil, nil, nil, err
	}
	for _, e := range es {
		conversation := e.Message.Conversation()
		if queued[conversation]+c.reserved[conversation] >= c.limits.Load().InboxPerConversation {
			over = append(over, e)
			continue
		}
		c.reserved[conversation]++
		fit = append(fit, e)
	}
	return fit, over, func() { c.release(fit) }, nil
}

// queued returns how many messages wait in each conversation. The journal is asked only
// about those that can have reached the limit, since their channel holds so many. Nobody
// else waits for its answer.
func (c *Capacity) queued(ctx context.Context, inChannel int, es []journal.Entry) map[channels.Conversation]int {
	counts := map[channels.Conversation]int{}
	for _, e := range es {
		counts[e.Message.Conversation()]++
	}
	c.mu.Lock()
	for conversation := range counts {
		counts[conversation] += c.reserved[conversation]
	}
	c.mu.Unlock()
	limit := c.limits.Load().InboxPerConversation
	for conversation, n := range counts {
		if counts[conversation] = 0; inChannel+n > limit {
			counts[conversation], _ = c.backlog.Queued(ctx, conversation, limit) // whoever stores next has the error
		}
	}
	return counts
}

// checkInbox refuses so many more messages of a channel when they are more than all may
// store, or more than the channel's part of that.
func (c *Capacity) checkInbox(waiting map[string]journal.Waiting, channel string, more int) error {
	senders := c.channels.Senders()
	total, own := more, waiting[channel].Inbox+more
	for _, name := range senders {
		total += waiting[name].Inbox
	}
	for conversation, n := range c.reserved {
		total += n
		if conversation.Channel == channel {
			own += n
		}
	}
	share := c.limits.Load().Inbox
	if len(senders) > 1 {
		share -= share / 10
	}
	if total > c.limits.Load().Inbox || own > share {
		return errInboxFull
	}
	return nil
}

// release ends a reservation.
func (c *Capacity) release(es []journal.Entry) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, e := range es {
		conversation := e.Message.Conversation()
		if c.reserved[conversation]--; c.reserved[conversation] == 0 {
			delete(c.reserved, conversation)
		}
	}
}
