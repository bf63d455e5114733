package delivery

import (
	"context"
	"errors"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/instance"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/worker"
)

// errShowsNothing says that Fit makes no part of a text, or fewer than have left of it.
var errShowsNothing = errors.New("the channel's Fit shows nothing of it")

// deliverUnfitted makes one attempt to deliver a text as it has grown, whose turn has ended
// and will not complete it. Fit may make several parts of it: each takes the row of the one
// before, once that has left, so that nothing comes between them.
func (d *Deliverer) deliverUnfitted(ctx context.Context, to *platform, p journal.Delivery) {
	for {
		part, more, err := fit(to.in, p.Part)
		if err != nil {
			d.settle(ctx, to.in, p, d.unfitOutcome(to.in, &p, err))
			return
		}
		one := p
		one.Part = part
		o := d.attempt(ctx, to, one)
		if !o.Sent || !more {
			d.settle(ctx, to.in, p, o)
			return
		}
		p.Part.ID, p.Part.Unfitted = nextPartID(&p.Part), p.Part.Unfitted+1
		p.Live, p.Attempts, p.Doubtful = nil, 0, false
		progress := journal.LiveProgress{Part: p.Part, Events: o.Events}
		err = worker.Commit(ctx, d.log, func(ctx context.Context) error { return d.outbox.KeepLive(ctx, p.Claim, progress) })
		if err != nil {
			d.log.Info("rest of a reply not kept", "channel", to.in.Name, "part", p.Part.ID, "error", err)
			return
		}
	}
}

// fit returns the part that an unfitted one stands for, and whether Fit makes more of the
// text. What shows nothing as Markdown is shown as plain text.
func fit(in *instance.Instance, p channels.Part) (part channels.Part, more bool, err error) {
	parts, err := fitAll(in, p)
	if err == nil && len(parts) == 0 && p.Reply.Format != channels.FormatPlain {
		p.Reply.Format = channels.FormatPlain
		parts, err = fitAll(in, p)
	}
	switch n := p.Unfitted; {
	case err != nil:
		return p, false, err
	case n > len(parts):
		return p, false, errShowsNothing
	default:
		return parts[n-1], n < len(parts), nil
	}
}

// fitAll returns what Fit makes of a text. All of it has the id of the part.
func fitAll(in *instance.Instance, p channels.Part) ([]channels.Part, error) {
	return in.PartsOf(p, []channels.Reply{p.Reply}, func() string { return p.ID })
}

// unfitOutcome is the outcome of a text of which Fit makes no part. A message that was opened
// stays as it is shown.
func (d *Deliverer) unfitOutcome(in *instance.Instance, p *journal.Delivery, err error) journal.PartOutcome {
	nothing := errors.Is(err, errShowsNothing)
	if !nothing {
		d.log.Error("growing reply not fitted", "channel", in.Name, "part", p.Part.ID, "error", err)
	}
	switch {
	case d.isStale(p):
		return expiredOutcome(&p.Part)
	case p.Live != nil:
		return asShown(in, &p.Part, *p.Live.Receipt)
	case nothing:
		return journal.PartOutcome{Expired: true, Reason: errShowsNothing.Error()}
	}
	event := partEvent(&p.Part, channels.EventUndelivered)
	event.Reason = reasonUnfit
	return journal.PartOutcome{Dead: true, Reason: reasonUnfit, Events: []channels.Event{event}}
}

// reasonUnfit is that of a part for which the channel's Fit failed.
const reasonUnfit = "the channel cannot show it"
