package delivery

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/instance"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/worker"
)

// sendTimeout bounds one platform call.
const sendTimeout = time.Minute

// Outbox is what the deliverer asks of the journal.
type Outbox interface {
	SettlePart(ctx context.Context, c journal.Claim, o journal.PartOutcome) error
	OpenOutbox(slots map[string]int)
}

// Deliverer sends parts. Its methods may be called concurrently, but not for two parts
// of one conversation.
type Deliverer struct {
	channels *instance.Registry
	outbox   Outbox
	breakers *breakers
	pacers   map[string]*pacer // of the channels that are channels.Limited
	log      *slog.Logger
}

// New returns a Deliverer, which sends nothing before Open.
func New(list *instance.Registry, o Outbox, log *slog.Logger) *Deliverer {
	d := &Deliverer{
		channels: list, outbox: o, breakers: newBreakers(o.OpenOutbox, list.Senders()),
		pacers: map[string]*pacer{}, log: log,
	}
	for _, in := range list.All() {
		if limited, ok := in.Channel.(channels.Limited); ok {
			d.pacers[in.Name] = newPacer(limited.Limits())
		}
	}
	return d
}

// Open lets the journal give out the parts of the channels in use. The parts of a
// channel that is not in use wait until it returns.
func (d *Deliverer) Open() { d.breakers.start() }

// Close ends the timers. No part may be delivered any more.
func (d *Deliverer) Close() { d.breakers.close() }

// Deliver makes one attempt to send a part and settles it.
func (d *Deliverer) Deliver(ctx context.Context, p journal.Delivery) {
	in, err := d.channels.Find(p.Part.Channel)
	if err != nil {
		d.log.Error("part not sent", "channel", p.Part.Channel, "part", p.Part.ID, "error", err)
		return
	}
	if later := d.pacers[in.Name].admit(ctx, &p); !later.IsZero() {
		d.settle(ctx, in, p, journal.PartOutcome{Retry: later, Reason: "more than the platform takes"})
		return
	}
	probe, ok := d.breakers.enter(in.Name)
	if !ok {
		d.settle(ctx, in, p, journal.PartOutcome{Retry: time.Now(), Reason: "the channel waits"})
		return
	}
	receipt, err := send(ctx, in, p.Part)
	if err != nil && ctx.Err() != nil {
		err = &channels.SendError{Class: channels.SendUnknown, Err: errors.New("the program was stopped")}
	}
	o := d.outcomeOf(in, &p, receipt, err)
	if probe && o.Reason != string(channels.SendUnauthorized) {
		d.breakers.reset(in.Name)
	}
	d.settle(ctx, in, p, o)
}

// settle commits the outcome of an attempt. Until that holds, nothing behind the part
// leaves.
func (d *Deliverer) settle(ctx context.Context, in *instance.Instance, p journal.Delivery, o journal.PartOutcome) {
	err := worker.Commit(ctx, d.log, func(ctx context.Context) error { return d.outbox.SettlePart(ctx, p.Claim, o) })
	switch {
	case err != nil:
		d.log.Error("part not settled", "channel", in.Name, "part", p.Part.ID, "error", err)
	case o.Dead:
		in.Metrics.DeadLetter(journal.KindUndelivered)
		d.log.Warn("part given up", "channel", in.Name, "part", p.Part.ID, "class", o.Reason)
	}
}

// send makes one platform call. After a panic of the channel nobody knows whether the
// platform has taken the part.
func send(ctx context.Context, in *instance.Instance, p channels.Part) (receipt channels.Receipt, err error) {
	defer func() {
		if panicked := new(worker.Panic); errors.As(err, &panicked) {
			err = &channels.SendError{Class: channels.SendUnknown, Err: panicked}
		}
	}()
	defer worker.Recover(&err)
	ctx, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	return in.Channel.(channels.Sender).Send(ctx, p)
}
