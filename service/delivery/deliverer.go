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

// Outbox is what the deliverer asks of the journal.
type Outbox interface {
	SettlePart(ctx context.Context, c journal.Claim, o journal.PartOutcome) error
	OpenOutbox(slots map[string]int)
}

// Deliverer sends parts. Its methods may be called concurrently, but Deliver not for two
// parts of one conversation.
type Deliverer struct {
	outbox     Outbox
	platforms  *platforms
	staleAfter time.Duration
	log        *slog.Logger
}

// New returns a Deliverer, which sends nothing before Open. A part that has reached the
// age staleAfter is not sent any more. If the outbox is a journal.Sharer's, this program
// takes its share of each rate.
func New(list []*instance.Instance, o Outbox, staleAfter time.Duration, log *slog.Logger) *Deliverer {
	programs := func() int { return 1 }
	if shared, ok := o.(journal.Sharer); ok {
		programs = shared.Programs
	}
	return &Deliverer{outbox: o, platforms: newPlatforms(list, o.OpenOutbox, programs), staleAfter: staleAfter, log: log}
}

// Open lets the journal give out the parts of the channels in use. The parts of a
// channel that is not in use wait until it returns.
func (d *Deliverer) Open() { d.platforms.open() }

// Replace takes the channels in use from now on. An instance that goes on keeps what holds it
// back, and its rates.
func (d *Deliverer) Replace(list []*instance.Instance) { d.platforms.replace(list) }

// Close ends the timers. No part may be delivered any more.
func (d *Deliverer) Close() { d.platforms.close() }

// Slots bound how many parts may be sent at once, of all channels together.
func (d *Deliverer) Slots() *worker.Slots { return d.platforms.slots }

// Holds returns what is held back, by channel.
func (d *Deliverer) Holds() []instance.Hold { return d.platforms.holds(time.Now()) }

// Resume ends what holds a channel back, and reports whether something did.
func (d *Deliverer) Resume(channel string) bool { return d.platforms.resume(channel) }

// orphanPause is how long a part waits at least whose channel is not in use: the journal
// gives it out no sooner than the channel is again. One whose channel has become another's is
// looked at so often.
const (
	orphanPause    = time.Second
	otherTypePause = 5 * time.Minute
)

// Deliver makes one attempt to send a part, unless the part is too old or must wait, and
// settles it. One whose channel has gone, or is of another type now, waits until it returns.
func (d *Deliverer) Deliver(ctx context.Context, p journal.Delivery) {
	to := d.platforms.enterInstance(p.Part.Channel)
	if to == nil {
		d.putBack(ctx, p, orphanPause)
		return
	}
	defer to.in.Leave()
	if p.Part.Type != "" && p.Part.Type != to.in.Type.Name && !d.isStale(&p) {
		d.putBack(ctx, p, otherTypePause)
		return
	}
	if d.isStale(&p) {
		d.settle(ctx, to.in, p, expiredOutcome(&p.Part))
		return
	}
	if later := to.pacer.admit(ctx, &p, rateKey(to.in, &p.Part)); !later.IsZero() {
		d.settle(ctx, to.in, p, journal.PartOutcome{Retry: later, Reason: "more than the platform takes"})
		return
	}
	if wait, ok := d.platforms.enter(to, p.Part.Conversation()); !ok {
		d.settle(ctx, to.in, p, journal.PartOutcome{Retry: time.Now().Add(wait), Reason: "the channel waits"})
		return
	}
	if !p.IsCertain() {
		// This process stood still so long that another may send the part by now, and what
		// follows it. If not, the part comes again.
		d.platforms.leave(to)
		d.settle(ctx, to.in, p, journal.PartOutcome{Retry: time.Now(), Reason: "the claim is too old"})
		return
	}
	receipt, err := d.send(ctx, to, p.Part)
	if err != nil && ctx.Err() != nil {
		err = &channels.SendError{Class: channels.SendUnknown, Err: errors.New("the program was stopped")}
	}
	d.settle(ctx, to.in, p, d.outcomeOf(to, &p, receipt, err))
}

// isStale reports whether a part is too old to make sense.
func (d *Deliverer) isStale(p *journal.Delivery) bool { return time.Since(p.Stored) >= d.staleAfter }

// putBack settles a part that has no channel to leave by, as if it had not been given out.
func (d *Deliverer) putBack(ctx context.Context, p journal.Delivery, pause time.Duration) {
	o := journal.PartOutcome{Retry: time.Now().Add(pause), Reason: "its channel is not in use"}
	err := worker.Commit(ctx, d.log, func(ctx context.Context) error { return d.outbox.SettlePart(ctx, p.Claim, o) })
	if err != nil {
		d.log.Error("part not put back", "channel", p.Part.Channel, "part", p.Part.ID, "error", err)
	}
}

// settle commits the outcome of an attempt. Until that holds, nothing behind the part
// leaves.
func (d *Deliverer) settle(ctx context.Context, in *instance.Instance, p journal.Delivery, o journal.PartOutcome) {
	err := worker.Commit(ctx, d.log, func(ctx context.Context) error { return d.outbox.SettlePart(ctx, p.Claim, o) })
	switch {
	case err != nil:
		d.log.Error("part not settled", "channel", in.Name, "part", p.Part.ID, "error", err)
	case o.Dead:
		in.Metrics.DeadLetter(o.DeadKind())
		d.log.Warn("part given up", "channel", in.Name, "part", p.Part.ID, "kind", o.DeadKind(), "class", o.Reason)
	}
}
