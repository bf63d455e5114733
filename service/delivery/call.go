package delivery

import (
	"context"
	"errors"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/worker"
)

const (
	// callTimeout bounds one platform call.
	callTimeout = time.Minute
	// leaveAfter is how long a call may outlive its context.
	leaveAfter = 5 * time.Second
)

// call is a method of a channel that calls its platform: Send, Open, Append or Close.
type call func(ctx context.Context) (channels.Receipt, error)

// sent is what a call returned.
type sent struct {
	receipt channels.Receipt
	err     error
}

var errNotReturned = errors.New("the call has not returned")

// make makes one call in a slot, which stays the caller's. A call that outlives its context
// is left behind: its conversation goes on, and its slot stays taken until it returns.
func (s *slot) make(ctx context.Context, d *Deliverer, p *channels.Part, c call) (channels.Receipt, error) {
	bounded, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	trail := s.of.in.Exchanges.Begin(bounded, channels.Exchange{Direction: channels.DirectionOut, Sender: p.Sender})
	receipt, err := s.call(ctx, trail, d, p.ID, c)
	trail.EndCall(err)
	return receipt, err
}

// call is make without the channel's log.
func (s *slot) call(ctx, bounded context.Context, d *Deliverer, part string, c call) (channels.Receipt, error) {
	returned := make(chan sent, 1)
	s.of.in.EnterLate() // the part has entered; a call that is left behind stays
	go func() {
		defer s.of.in.Leave()
		receipt, err := c.protected(bounded)
		returned <- sent{receipt, err}
	}()
	r, ok := await(bounded, returned)
	switch {
	case !ok:
		d.log.Error("a platform call has not ended with its context and is left behind", "channel", s.of.in.Name, "part", part)
		s.leftBehind = true
		d.platforms.leaveBehind(s.of, returned)
		return channels.Receipt{}, &channels.SendError{Class: channels.SendUnknown, Err: errNotReturned}
	case r.err != nil && ctx.Err() != nil:
		return channels.Receipt{}, &channels.SendError{Class: channels.SendUnknown, Err: errors.New("the program was stopped")}
	}
	return r.receipt, r.err
}

// await waits for a call, and no longer than leaveAfter after ctx's end.
func await(ctx context.Context, returned <-chan sent) (r sent, ok bool) {
	select {
	case r = <-returned:
		return r, true
	case <-ctx.Done():
	}
	patience := time.NewTimer(leaveAfter)
	defer patience.Stop()
	select {
	case r = <-returned:
		return r, true
	case <-patience.C:
		return sent{}, false
	}
}

// protected makes the call. After a panic of the channel nobody knows whether the platform
// has taken it.
func (c call) protected(ctx context.Context) (receipt channels.Receipt, err error) {
	defer func() {
		if panicked := new(worker.Panic); errors.As(err, &panicked) {
			err = &channels.SendError{Class: channels.SendUnknown, Err: panicked}
		}
	}()
	defer worker.Recover(&err)
	return c(ctx)
}
