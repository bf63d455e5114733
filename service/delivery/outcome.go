package delivery

import (
	"cmp"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/instance"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/worker"
)

// A part that could not be sent is tried again, with growing pauses, until it has had
// both so many attempts and so much time, or is too old to make sense.
const (
	maxAttempts = 10
	minRetried  = time.Hour
	maxAge      = 24 * time.Hour
	firstPause  = time.Second
	maxPause    = 10 * time.Minute
	// maxAbsentPause is what the pause for an absent reader grows to with the part's age.
	maxAbsentPause = time.Minute
	// openTime is how long a breaker stays open whose channel's credentials are refused.
	openTime = time.Minute
)

// outcomeOf is the one place that decides what a class of failure means.
func (d *Deliverer) outcomeOf(in *instance.Instance, p *journal.Delivery, receipt channels.Receipt, err error) journal.PartOutcome {
	if err == nil {
		in.Metrics.Sent(p.Part.Kind())
		event := partEvent(&p.Part, channels.EventSent)
		event.Receipt = receipt.ID
		return journal.PartOutcome{Sent: true, Events: []channels.Event{event}}
	}
	e := channels.AsSendError(err)
	in.Metrics.NotSent(e.Class)
	age := time.Since(p.Stored)
	if e.Class == channels.SendAbsent {
		return absentOutcome(&p.Part, age, cmp.Or(e.Keep, maxAge))
	}
	d.log.Warn("part not sent", "channel", in.Name, "part", p.Part.ID, "class", string(e.Class), "attempt", p.Attempts+1, "error", e)
	in.Failed(&channels.Error{Code: channels.CodeUnavailable, Message: "sending failed: " + string(e.Class)})
	wait := max(worker.Backoff(p.Attempts+1, firstPause, maxPause), e.RetryAfter)
	wait = min(wait, max(maxAge-age, firstPause)) // or it would be given up too late
	o := journal.PartOutcome{Counts: true, Reason: string(e.Class)}
	switch e.Class {
	case channels.SendRejected, channels.SendGone:
		o.Dead = true
	case channels.SendUnauthorized:
		o.Counts, wait = false, openTime
		d.breakers.trip(in.Name, openTime)
	case channels.SendThrottled:
		if e.Scope == channels.ScopeChannel {
			d.breakers.pause(in.Name, min(cmp.Or(e.RetryAfter, wait), maxAge))
		}
	}
	spent := o.Counts && p.Attempts+1 >= maxAttempts && age >= minRetried
	if o.Dead = o.Dead || spent || age >= maxAge; o.Dead {
		event := partEvent(&p.Part, channels.EventUndelivered)
		event.Reason = o.Reason
		o.Events = []channels.Event{event}
	}
	o.Retry = time.Now().Add(wait)
	return o
}

// absentOutcome is the outcome of a part whose reader is absent. It waits without
// counting attempts, and expires when nobody has come for it in time: that is nobody's
// failure.
func absentOutcome(p *channels.Part, age, keep time.Duration) journal.PartOutcome {
	o := journal.PartOutcome{Reason: string(channels.SendAbsent)}
	if age >= keep {
		event := partEvent(p, channels.EventExpired)
		event.Reason = o.Reason
		o.Expired, o.Events = true, []channels.Event{event}
		return o
	}
	wait := min(max(age, firstPause), maxAbsentPause)
	o.Retry = time.Now().Add(min(wait, keep-age))
	return o
}

// partEvent is an event of a part. It belongs to the turn of no message any more.
func partEvent(p *channels.Part, kind channels.EventKind) channels.Event {
	return channels.Event{Kind: kind, Channel: p.Channel, Sender: p.Sender, Time: time.Now(), Part: p.ID}
}
