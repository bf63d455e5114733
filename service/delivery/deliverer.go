package delivery

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/instance"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/worker"
)

// Outbox is what the deliverer asks of the journal.
type Outbox interface {
	SettlePart(ctx context.Context, c journal.Claim, o journal.PartOutcome) error
	KeepLive(ctx context.Context, c journal.Claim, p journal.LiveProgress) error
	OpenOutbox(slots map[string]int)
}

// Deliverer sends parts. Its methods may be called concurrently, but Deliver not for two
// parts of one conversation.
type Deliverer struct {
	outbox     Outbox
	platforms  *platforms
	growths    growths
	typists    typists
	staleAfter time.Duration
	log        *slog.Logger

	// running are the goroutines of live parts and of typing.
	running sync.WaitGroup
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

// Close waits for the live parts and ends the timers. No part may be delivered any more,
// and no turn run: each text that grew has been completed, or its turn has ended.
func (d *Deliverer) Close() {
	d.running.Wait()
	d.platforms.close()
}

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
// settles it. One whose channel has gone, or is of another type now, waits until it returns;
// where its message was opened, it ends as it is shown there. Deliver returns at once for a
// part that grows: that is settled once it is complete.
func (d *Deliverer) Deliver(ctx context.Context, p journal.Delivery) {
	to := d.platforms.enterInstance(p.Part.Channel)
	if to == nil {
		d.putBack(ctx, p, orphanPause)
		return
	}
	defer to.in.Leave()
	if p.Live != nil && p.Live.Growing {
		d.grow(ctx, to, p)
		return
	}
	d.deliver(ctx, to, p)
}

// deliver is Deliver for a part that does not grow.
func (d *Deliverer) deliver(ctx context.Context, to *platform, p journal.Delivery) {
	switch {
	case p.Live == nil && !to.isOf(&p.Part) && !d.isStale(&p):
		d.putBack(ctx, p, otherTypePause)
	case p.Part.Unfitted > 0 && to.isOf(&p.Part):
		d.deliverUnfitted(ctx, to, p)
	default:
		d.settle(ctx, to.in, p, d.attempt(ctx, to, p))
	}
}

// attempt makes one attempt for a part that does not grow: it is sent, or the message is
// closed that was opened for it, by an earlier run or by this one.
func (d *Deliverer) attempt(ctx context.Context, to *platform, p journal.Delivery) journal.PartOutcome {
	if p.Live != nil {
		o, delayed := d.close(ctx, to, p, *p.Live.Receipt, p.Part.Reply.Text)
		if delayed != nil {
			return delayed.outcome()
		}
		return o
	}
	if d.isStale(&p) {
		return expiredOutcome(&p.Part)
	}
	s, later := d.admit(ctx, to, &p, false)
	if s == nil {
		return later.outcome()
	}
	defer s.release()
	return d.send(ctx, s, &p)
}

// send makes one call of Send and returns what follows from it.
func (d *Deliverer) send(ctx context.Context, s *slot, p *journal.Delivery) journal.PartOutcome {
	d.markDoubtful(s.of.in, p)
	receipt, err := s.make(ctx, d, &p.Part, func(ctx context.Context) (channels.Receipt, error) {
		return s.of.in.Sender().Send(ctx, p.Part)
	})
	return d.outcomeOf(s.of, p, receipt, err)
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
