package channeltest

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"sync"

	"github.com/manyvox/manyvox/channels"
)

// Inbox is a fake door. It keeps the messages that come in and answers as its fields say.
type Inbox struct {
	// Deltas are the pieces of text that each Ask gives first.
	Deltas []string
	// Replies follow the deltas, expanded and addressed as the service does it.
	Replies []channels.Reply
	// Err is how Ask and Post end.
	Err error
	// OnAsk, when set, is what Ask does instead of all that.
	OnAsk func(context.Context, channels.Message, channels.Replier) error

	mu     sync.Mutex
	asked  []channels.Message
	posted []channels.Message
	woken  []string
	stops  []channels.Stop
	there  map[string]bool
	// aliases are in the order in which their senders were named first.
	aliases []aliases
}

// Post keeps ms and returns Err.
func (i *Inbox) Post(_ context.Context, ms ...channels.Message) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.posted = append(i.posted, ms...)
	return i.Err
}

// Ask keeps m and answers it.
func (i *Inbox) Ask(ctx context.Context, m channels.Message, r channels.Replier) error {
	i.mu.Lock()
	i.asked = append(i.asked, m)
	i.mu.Unlock()
	if i.OnAsk != nil {
		return i.OnAsk(ctx, m, r)
	}
	for _, text := range i.Deltas {
		if err := r.Delta(ctx, text); err != nil {
			return err
		}
	}
	for _, reply := range i.Replies {
		reply.RecipientID = cmp.Or(m.Sender, "default")
		for _, part := range channels.Expand(reply, reply.Format == channels.FormatPlain) {
			if err := r.Reply(ctx, part); err != nil {
				return err
			}
		}
	}
	return i.Err
}

// Asked returns the messages that came by Ask.
func (i *Inbox) Asked() []channels.Message {
	i.mu.Lock()
	defer i.mu.Unlock()
	return slices.Clone(i.asked)
}

// Posted returns the messages that came by Post.
func (i *Inbox) Posted() []channels.Message {
	i.mu.Lock()
	defer i.mu.Unlock()
	return slices.Clone(i.posted)
}

// Wake records that the sender is connected.
func (i *Inbox) Wake(_ context.Context, sender string) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.woken = append(i.woken, sender)
	if i.there == nil {
		i.there = map[string]bool{}
	}
	i.there[sender] = true
	return nil
}

// Gone records that the sender is not connected any more.
func (i *Inbox) Gone(_ context.Context, sender string) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	delete(i.there, sender)
	return nil
}

// There returns the senders that are connected, sorted.
func (i *Inbox) There() []string {
	i.mu.Lock()
	defer i.mu.Unlock()
	return slices.Sorted(maps.Keys(i.there))
}

// Woken returns the sender of each call of Wake, in order.
func (i *Inbox) Woken() []string {
	i.mu.Lock()
	defer i.mu.Unlock()
	return slices.Clone(i.woken)
}

// Stop keeps the call and returns Err.
func (i *Inbox) Stop(_ context.Context, sender, messageID string) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.stops = append(i.stops, channels.Stop{Sender: sender, MessageID: messageID})
	return i.Err
}

// Stops returns the calls of Stop, in order.
func (i *Inbox) Stops() []channels.Stop {
	i.mu.Lock()
	defer i.mu.Unlock()
	return slices.Clone(i.stops)
}

// messages returns how many came in.
func (i *Inbox) messages() int { return len(i.Asked()) + len(i.Posted()) }

var (
	_ channels.Inbox   = (*Inbox)(nil)
	_ channels.Waker   = (*Inbox)(nil)
	_ channels.Stopper = (*Inbox)(nil)
)
