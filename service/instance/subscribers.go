package instance

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/manyvox/manyvox/channels"
)

const (
	// maxSubscribers is how many may subscribe at once, maxReaders to one conversation.
	maxSubscribers = 10_000
	maxReaders     = 10
	// goneTime is how long it may take to report that the last subscriber left.
	goneTime = 5 * time.Second
)

var (
	errTooManySubscribers = &channels.Error{
		Code: channels.CodeOverloaded, RetryAfter: RetryAfter, Message: "too many callers subscribe to conversations",
	}
	errTooManyReaders = &channels.Error{
		Code: channels.CodeRateLimited, RetryAfter: RetryAfter, Message: "too many callers subscribe to this conversation",
	}
)

// Subscribers are the callers that are told what is said in a conversation. They are the
// Sender of the channels that are open to RPC and have none of their own: whoever subscribes
// is who can be reached. Its methods may be called concurrently.
type Subscribers struct {
	presence Presence

	mu    sync.Mutex
	open  map[channels.Conversation]*readers
	count int
}

// Presence is told who is connected here, as journal.Outbox is.
type Presence interface {
	Wake(ctx context.Context, c channels.Conversation) error
	Gone(ctx context.Context, c channels.Conversation) error
}

// readers are those of one conversation.
type readers struct {
	list []*Subscriber
	// users are those in the list, and those that have left and not yet said so.
	users int
	// reporting is taken by who tells Presence: the last report is the true one.
	reporting chan struct{}
}

// NewSubscribers returns those of a program, of which there are none yet.
func NewSubscribers(p Presence) *Subscribers {
	return &Subscribers{presence: p, open: map[channels.Conversation]*readers{}}
}

// Join adds a subscriber of a conversation. Leave must be called in the end.
func (s *Subscribers) Join(ctx context.Context, c channels.Conversation) (*Subscriber, error) {
	one := newSubscriber(c)
	if err := s.add(one); err != nil {
		return nil, err
	}
	if err := s.Wake(ctx, one); err != nil {
		s.Leave(ctx, one)
		return nil, err
	}
	return one, nil
}

func (s *Subscribers) add(one *Subscriber) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.open[one.conversation]
	switch {
	case s.count >= maxSubscribers:
		return errTooManySubscribers
	case r != nil && r.users >= maxReaders:
		return errTooManyReaders
	case r == nil:
		r = &readers{reporting: make(chan struct{}, 1)}
		s.open[one.conversation] = r
	}
	s.count++
	r.users++
	r.list = append(r.list, one)
	return nil
}

// Wake lets parts that wait for the subscriber's conversation leave.
func (s *Subscribers) Wake(ctx context.Context, one *Subscriber) error {
	return s.report(ctx, one.conversation, func(here bool) error {
		if !here {
			return nil
		}
		return s.presence.Wake(ctx, one.conversation)
	})
}

// Leave takes a subscriber away.
func (s *Subscribers) Leave(ctx context.Context, one *Subscriber) {
	close(one.left)
	s.mu.Lock()
	r := s.open[one.conversation]
	r.list = slices.DeleteFunc(r.list, func(other *Subscriber) bool { return other == one })
	s.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), goneTime)
	defer cancel()
	_ = s.report(ctx, one.conversation, func(here bool) error { // a part finds out that nobody is here
		if here {
			return nil
		}
		return s.presence.Gone(ctx, one.conversation)
	})
	s.mu.Lock()
	defer s.mu.Unlock()
	s.count--
	if r.users--; r.users == 0 {
		delete(s.open, one.conversation)
	}
}

// report calls tell with whether anybody is here, one call of a conversation at a time.
func (s *Subscribers) report(ctx context.Context, c channels.Conversation, tell func(here bool) error) error {
	s.mu.Lock()
	r := s.open[c]
	s.mu.Unlock()
	select {
	case r.reporting <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-r.reporting }()
	s.mu.Lock()
	here := len(r.list) > 0
	s.mu.Unlock()
	return tell(here)
}

// Send gives a part to all who subscribe to its conversation. It takes one of them for the
// part to be sent, and does not wait for those that read slowly.
func (s *Subscribers) Send(ctx context.Context, p channels.Part) (channels.Receipt, error) {
	s.mu.Lock()
	var list []*Subscriber
	if r := s.open[channels.Conversation{Channel: p.Channel, Sender: p.Sender}]; r != nil {
		list = slices.Clone(r.list)
	}
	s.mu.Unlock()
	took := make(chan bool, len(list))
	for _, one := range list {
		go func() { took <- one.take(ctx, p) }()
	}
	sent := false
	for range list {
		sent = <-took || sent
	}
	if !sent {
		return channels.Receipt{}, &channels.SendError{Class: channels.SendAbsent, Err: errors.New("nobody subscribes")}
	}
	return channels.Receipt{}, nil
}

// Address returns "": a subscriber is known by the sender alone.
func (s *Subscribers) Address(string) (string, error) { return "", nil }

var (
	_ channels.Sender    = (*Subscribers)(nil)
	_ channels.Addresser = (*Subscribers)(nil)
)
