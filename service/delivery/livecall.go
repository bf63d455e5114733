package delivery

import (
	"context"
	"errors"
	"strings"
	"time"
	"unicode"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// liveCall makes one call for a live part while that grows.
type liveCall struct {
	*livePart
	to      *platform
	channel channels.Streamer
}

// perform makes a call, unless it must wait. Made reports whether it was made.
func (c liveCall) perform(ctx context.Context, name string, edit bool, f call) (receipt channels.Receipt, err error, made bool) {
	s, later := c.d.admit(ctx, c.to, &c.p, edit)
	if s == nil {
		c.postpone(ctx, later)
		return receipt, nil, false
	}
	defer s.release()
	part := c.p.Part
	if edit { // all edits are one line of the channel's log: they are many
		part.Sender = ""
	}
	receipt, err = s.make(ctx, c.d, &part, f)
	c.to.in.Metrics.LiveCall(name, err)
	return receipt, err, true
}

// postpone has the next call wait, or puts the part back when its claim is too old.
func (c liveCall) postpone(ctx context.Context, d delay) {
	if !c.p.IsCertain() {
		c.settle(ctx, c.to.in, d.outcome())
		return
	}
	if c.notBefore = d.until; !d.until.After(time.Now()) {
		c.notBefore = time.Now().Add(pollPause)
	}
}

// open posts the message. When that fails, the part is tried again as any other. When it is
// refused for good, it is sent once it is complete.
func (c liveCall) open(ctx context.Context, p channels.Part) {
	receipt, err, made := c.perform(ctx, "open", false, func(ctx context.Context) (channels.Receipt, error) {
		return c.channel.Open(ctx, p)
	})
	switch {
	case !made:
	case err == nil:
		c.d.platforms.accepted(c.to, c.p.Row)
		c.d.typists.end(p.ID)
		c.message = message{receipt: &receipt, opened: time.Now(), called: time.Now(), shown: p.Reply.Text}
		c.succeed()
		c.keep(ctx, p)
	default:
		if o := c.d.outcomeOf(c.to, &c.p, receipt, err); o.Dead {
			c.waits = true
		} else {
			c.settle(ctx, c.to.in, o)
		}
	}
}

// append adds what has come since the last success. Its failure counts no attempt, and says
// nothing of Close.
func (c liveCall) append(ctx context.Context, p channels.Part) {
	piece, receipt := p.Reply.Text[len(c.message.shown):], *c.message.receipt
	_, err, made := c.perform(ctx, "append", true, func(ctx context.Context) (channels.Receipt, error) {
		return channels.Receipt{}, c.channel.Append(ctx, p, receipt, piece)
	})
	switch {
	case !made:
	case err == nil:
		c.d.platforms.accepted(c.to, c.p.Row)
		c.message.shown, c.message.called = p.Reply.Text, time.Now()
		c.succeed()
	default:
		c.notAppended(p, err)
	}
}

// notAppended takes the failure of an Append.
func (c liveCall) notAppended(p channels.Part, err error) {
	e := channels.AsSendError(err)
	c.d.log.Warn("growing reply not added to", "channel", p.Channel, "part", p.ID, "class", string(e.Class), "error", c.to.in.Exchanges.Redact(e.Error()))
	c.to.in.Failed(&channels.Error{Code: channels.CodeUnavailable, Message: "adding to a growing reply failed: " + string(e.Class)})
	refused := c.d.editFailed(c.to, &c.p, e)
	pause := min(e.RetryAfter, maxRetryAfter)
	switch e.Class {
	case channels.SendRejected, channels.SendGone, channels.SendAbsent:
		c.message.closedOnly = true
	case channels.SendUnauthorized:
		c.message.closedOnly = refused
		pause = openTime
	case channels.SendUnknown: // no piece is repeated
		c.message.shown, c.message.unsure = p.Reply.Text, true
		c.message.closedOnly = errors.Is(err, errNotReturned)
	case channels.SendThrottled, channels.SendUnavailable: // the piece comes with the next
	}
	c.fail(pause)
}

// editFailed tells the platform of a failed Append. What it says of its rate is about edits
// alone, where they have a rate of their own.
func (d *Deliverer) editFailed(to *platform, p *journal.Delivery, e *channels.SendError) (refused bool) {
	if e.Class != channels.SendThrottled || to.limits.Edit.IsZero() {
		return d.platforms.failed(to, p, e)
	}
	until := time.Now().Add(min(e.RetryAfter, maxRetryAfter))
	switch e.Scope {
	case channels.ScopeChannel:
		to.pacer.blockEdits(allKeys, until)
	case channels.ScopeAddress, "":
		to.pacer.blockEdits(rateKey(to.in, &p.Part), until)
	case channels.ScopeSender: // the part waits
	}
	return d.platforms.failed(to, p, &channels.SendError{Class: e.Class})
}

// rollOver closes the message as p, with the text up to the cut. The text goes on in the next
// part, which takes the place of this one.
func (c liveCall) rollOver(ctx context.Context, p channels.Part, cut int) {
	if !c.growth.beginCut(cut) {
		return
	}
	closing := c.p
	closing.Part = p
	o, delayed := c.d.close(ctx, c.to, closing, *c.message.receipt, c.message.piece(p.Reply.Text))
	switch {
	case delayed != nil:
		c.postpone(ctx, *delayed)
	case o.Sent:
		c.message.closed, c.message.outcome = &p.Reply, o
		c.succeed()
	case o.Dead: // it is closed once more, complete
		c.waits = true
	default:
		c.fail(time.Until(o.Retry))
	}
	if c.growth.endCut(o.Sent) {
		c.goOn(ctx, p, o.Events)
	}
}

// goOn commits a roll-over.
func (c liveCall) goOn(ctx context.Context, closed channels.Part, events []channels.Event) {
	next := c.growth.behindCut()
	next.ID = nextPartID(&closed)
	c.message = message{}
	committed := c.keep(ctx, next, events...)
	if committed {
		c.d.growths.rename(c.growth, closed.ID, next.ID)
		c.p.Part, c.p.Attempts = next, 0
	}
	c.growth.rolled(next.ID, committed)
}

// trimmed returns a text up to a cut, without the white space at its end.
func trimmed(text string, cut int) string {
	if cut == 0 {
		return text
	}
	return strings.TrimRightFunc(text[:cut], unicode.IsSpace)
}
