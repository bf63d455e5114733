package channels

import (
	"context"
	"errors"
	"net/http"
	"time"
)

// Incoming is what a platform has told by one request, or in one answer to a poll.
type Incoming struct {
	Messages []Message
	Stops    []Stop
	// Same are ids that are one sender's, the one in use first: see Aliaser.
	Same [][]string
	// IDOf returns the id by which a platform may know a sender under others too, and what stands
	// behind it in the sender, such as a topic; "" for a sender that has no other. Nil is a
	// platform that knows each sender by one.
	IDOf func(sender string) (id, rest string)
}

// redeliverAfter is how long the platform shall wait when the inbox gives no time.
const redeliverAfter = time.Second

// Post hands everything to the inbox. It returns nil when the platform may forget it: it is
// stored, or could never be. Any error is a 503 with a RetryAfter, an *Error: the platform must
// tell it again.
func (i *Incoming) Post(ctx context.Context, in Inbox) error {
	if err := i.follow(ctx, AliaserOf(in)); err != nil {
		return toldAgain(err)
	}
	if len(i.Messages) > 0 {
		if err := in.Post(ctx, i.Messages...); err != nil && !errors.Is(err, ErrInvalid) {
			return toldAgain(err)
		}
	}
	stopper, ok := in.(Stopper)
	if !ok {
		return nil
	}
	for _, s := range i.Stops {
		if err := stopper.Stop(ctx, s.Sender, s.MessageID); err != nil {
			return toldAgain(err)
		}
	}
	return nil
}

// follow notes which ids are one sender's, and gives each message and stop its conversation.
func (i *Incoming) follow(ctx context.Context, a Aliaser) error {
	for _, ids := range i.Same {
		if _, err := a.Sender(ctx, ids...); err != nil {
			return err
		}
	}
	if i.IDOf == nil {
		return nil
	}
	for n := range i.Messages {
		if err := i.followOne(ctx, a, &i.Messages[n].Sender); err != nil {
			return err
		}
	}
	for n := range i.Stops {
		if err := i.followOne(ctx, a, &i.Stops[n].Sender); err != nil {
			return err
		}
	}
	return nil
}

// followOne puts the sender whose conversation it is in the place of one of its ids.
func (i *Incoming) followOne(ctx context.Context, a Aliaser, sender *string) error {
	id, rest := i.IDOf(*sender)
	if id == "" {
		return nil
	}
	first, err := a.Sender(ctx, id)
	if err == nil {
		*sender = first + rest
	}
	return err
}

// toldAgain returns an error that has the platform tell it again.
func toldAgain(err error) error {
	e := *AsError(err)
	if e.Code.HTTP() != http.StatusServiceUnavailable {
		e.Code = CodeUnavailable
	}
	if e.RetryAfter == 0 {
		e.RetryAfter = redeliverAfter
	}
	return &e
}
