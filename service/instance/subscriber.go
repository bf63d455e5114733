package instance

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/manyvox/manyvox/channels"
)

// takeTime is how long a part waits for a subscriber that is busy: one that does not read holds
// up nobody else.
const takeTime = time.Second

// Subscriber is one who subscribes. Whoever serves it receives from Parts, and asks Missed
// after everything that it has written.
type Subscriber struct {
	conversation channels.Conversation
	parts        chan *Offer
	missed       atomic.Bool
	left         chan struct{}
}

func newSubscriber(c channels.Conversation) *Subscriber {
	return &Subscriber{conversation: c, parts: make(chan *Offer), left: make(chan struct{})}
}

// Offer is a part that a subscriber is to be given.
type Offer struct {
	Part channels.Part
	done chan bool
}

// Answer says whether the subscriber was given the part, now or before.
func (o *Offer) Answer(given bool) { o.done <- given }

// Parts returns where parts come from. Each is answered.
func (s *Subscriber) Parts() <-chan *Offer { return s.parts }

// Missed reports, once, that a part was not taken because the subscriber was busy: it waits
// for a Wake.
func (s *Subscriber) Missed() bool { return s.missed.Swap(false) }

// take gives the subscriber a part, and reports whether it was given.
func (s *Subscriber) take(ctx context.Context, p channels.Part) bool {
	ctx, cancel := context.WithTimeout(ctx, takeTime)
	defer cancel()
	o := &Offer{Part: p, done: make(chan bool, 1)}
	select {
	case s.parts <- o:
	case <-s.left:
		return false
	case <-ctx.Done():
		s.missed.Store(true)
		return false
	}
	select {
	case given := <-o.done:
		return given
	case <-s.left:
	case <-ctx.Done():
		s.missed.Store(true)
	}
	return false
}
