package delivery

import (
	"context"
	"errors"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/instance"
	"github.com/manyvox/manyvox/service/worker"
)

const (
	// sendTimeout bounds one platform call.
	sendTimeout = time.Minute
	// leaveAfter is how long a Send may outlive its context.
	leaveAfter = 5 * time.Second
)

// sent is what a Send returned.
type sent struct {
	receipt channels.Receipt
	err     error
}

// send makes one platform call. A call that outlives its context is left behind: its
// conversation goes on, and its slot stays taken until it returns.
func (d *Deliverer) send(ctx context.Context, to *platform, p channels.Part) (channels.Receipt, error) {
	ctx, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	returned := make(chan sent, 1)
	to.in.EnterLate() // the part has entered; a call that is left behind stays
	go func() {
		defer to.in.Leave()
		receipt, err := call(ctx, to.in, p)
		returned <- sent{receipt, err}
	}()
	select {
	case r := <-returned:
		return r.receipt, r.err
	case <-ctx.Done():
	}
	patience := time.NewTimer(leaveAfter)
	defer patience.Stop()
	select {
	case r := <-returned:
		return r.receipt, r.err
	case <-patience.C:
	}
	d.log.Error("a call of Send has not ended with its context and is left behind", "channel", to.in.Name, "part", p.ID)
	d.platforms.leaveBehind(to, returned)
	return channels.Receipt{}, &channels.SendError{Class: channels.SendUnknown, Err: errors.New("the call has not returned")}
}

// call calls Send. After a panic of the channel nobody knows whether the platform has
// taken the part.
func call(ctx context.Context, in *instance.Instance, p channels.Part) (receipt channels.Receipt, err error) {
	defer func() {
		if panicked := new(worker.Panic); errors.As(err, &panicked) {
			err = &channels.SendError{Class: channels.SendUnknown, Err: panicked}
		}
	}()
	defer worker.Recover(&err)
	return in.Channel.(channels.Sender).Send(ctx, p)
}
