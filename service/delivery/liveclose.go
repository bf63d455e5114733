package delivery

import (
	"cmp"
	"context"
	"reflect"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/instance"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/worker"
)

// maxInPlace is the longest wait that a close waits for in place.
const maxInPlace = time.Minute

// end ends a live part whose turn has completed it, or has ended: then it is the text that
// there is by now.
func (l *livePart) end(ctx context.Context, now snapshot) {
	if now.completed == nil { // also because the conversation was deleted
		if !l.keep(ctx, now.part) {
			return
		}
		now.completed = &now.part
	}
	l.settled, l.p.Part, l.p.Live = true, *now.completed, nil
	if l.p.Part.Unfitted > 0 {
		l.p.Live = journal.LiveOf(false, l.message.receipt)
		l.d.Deliver(ctx, l.p)
		return
	}
	for !l.tryEnd(ctx) { // each time on the instance that is in use then
	}
}

// tryEnd ends the part unless that must wait, which it has done when it reports false.
func (l *livePart) tryEnd(ctx context.Context) (ended bool) {
	to, leave := l.enter()
	defer func() { leave() }()
	m := &l.message
	switch {
	case to == nil:
		l.d.putBack(ctx, l.p, orphanPause)
		return true
	case m.receipt == nil:
		l.d.deliver(ctx, to, l.p)
		return true
	case m.closed != nil && reflect.DeepEqual(*m.closed, l.p.Part.Reply):
		l.d.settle(ctx, to.in, l.p, m.outcome)
		return true
	}
	m.unsure = m.unsure || m.closed != nil
	o, delayed := l.d.close(ctx, to, l.p, *m.receipt, m.piece(l.p.Part.Reply.Text))
	if delayed == nil {
		l.d.settle(ctx, to.in, l.p, o)
		return true
	}
	leave()
	leave = func() {}
	if l.d.waitInPlace(ctx, &l.p, *delayed) {
		return false
	}
	l.d.putBack(ctx, l.p, time.Until(delayed.until))
	return true
}

// close closes a message as the part p, and returns what follows, or why it must wait.
func (d *Deliverer) close(ctx context.Context, to *platform, p journal.Delivery, r channels.Receipt, piece string) (journal.PartOutcome, *delay) {
	streamer := to.streamer(&p.Part)
	switch {
	case d.isStale(&p):
		return expiredOutcome(&p.Part), nil
	case streamer == nil: // the channel is another one by now
		return asShown(to.in, &p.Part, r), nil
	}
	s, later := d.admit(ctx, to, &p, false)
	if s == nil {
		return journal.PartOutcome{}, &later
	}
	d.markDoubtful(to.in, &p)
	closed, err := s.make(ctx, d, &p.Part, func(ctx context.Context) (channels.Receipt, error) {
		return streamer.Close(ctx, p.Part, r, piece)
	})
	s.release()
	to.in.Metrics.LiveCall("close", err)
	closed.ID = cmp.Or(closed.ID, r.ID)
	if err == nil {
		return d.outcomeOf(to, &p, closed, nil), nil
	}
	e := channels.AsSendError(err)
	switch e.Class {
	case channels.SendGone:
		d.platforms.failed(to, &p, e)
		d.log.Info("growing reply not closed: its message is gone", "channel", p.Part.Channel, "part", p.Part.ID, "error", e)
		return asShown(to.in, &p.Part, r), nil
	case channels.SendRejected:
		d.platforms.failed(to, &p, e)
		d.log.Warn("growing reply not closed: it is sent once more", "channel", p.Part.Channel, "part", p.Part.ID, "error", e)
		return d.sendOnceMore(ctx, to, &p), nil
	}
	return d.outcomeOf(to, &p, closed, err), nil
}

// asShown is the outcome of a part that stays as its message shows it: without its choices,
// which come with the end of the text.
func asShown(in *instance.Instance, p *channels.Part, r channels.Receipt) journal.PartOutcome {
	in.Metrics.Sent(p.Kind())
	event := partEvent(p, channels.EventSent)
	event.Receipt = r.ID
	without := *p
	without.Choices = nil
	return journal.PartOutcome{Sent: true, Shown: shown(in, without), Events: []channels.Event{event}}
}

// sendOnceMore sends a part by Send whose message can't be closed. It waits for its place
// here: else each attempt would begin with a close, which takes the place.
func (d *Deliverer) sendOnceMore(ctx context.Context, to *platform, p *journal.Delivery) journal.PartOutcome {
	for {
		s, later := d.admit(ctx, to, p, false)
		if s != nil {
			defer s.release()
			return d.send(ctx, s, p)
		}
		if !d.waitInPlace(ctx, p, later) {
			return later.outcome()
		}
	}
}

// waitInPlace waits as long as a part must, and reports false when it should go back to the
// journal instead.
func (d *Deliverer) waitInPlace(ctx context.Context, p *journal.Delivery, l delay) bool {
	wait := max(time.Until(l.until), shortWait)
	if wait > maxInPlace || !p.IsCertain() || ctx.Err() != nil {
		return false
	}
	return worker.Sleep(ctx, wait) == nil
}
