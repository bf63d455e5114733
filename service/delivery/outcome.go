package delivery

import (
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/instance"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/worker"
)

// A part that could not be sent is tried again, with growing pauses, until it has had
// both so many attempts and so much time.
const (
	maxAttempts = 10
	minRetried  = time.Hour
	firstPause  = time.Second
	maxPause    = 10 * time.Minute
	// maxRetryAfter is the longest pause that a platform can ask for.
	maxRetryAfter = time.Hour
	// beforeStale is how long before it grows stale a part is tried for the last time
	// whose reader is absent: it expires without a dead letter.
	beforeStale = time.Second
)

// outcomeOf is the one place that decides what a class of failure means.
func (d *Deliverer) outcomeOf(to *platform, p *journal.Delivery, receipt channels.Receipt, err error) journal.PartOutcome {
	in := to.in
	if err == nil {
		d.typists.end(p.Part.ID)
		in.Metrics.Sent(p.Part.Kind())
		d.platforms.accepted(to, p.Row)
		event := partEvent(&p.Part, channels.EventSent)
		event.Receipt = receipt.ID
		return journal.PartOutcome{Sent: true, Shown: shown(in, p.Part), Events: []channels.Event{event}}
	}
	e := channels.AsSendError(err)
	in.Metrics.NotSent(e.Class)
	rejected := d.platforms.failed(to, p, e)
	age := time.Since(p.Stored)
	if e.Class == channels.SendAbsent {
		return d.absentOutcome(&p.Part, age, e.Keep)
	}
	d.log.Warn("part not sent", "channel", in.Name, "part", p.Part.ID, "class", string(e.Class), "attempt", p.Attempts+1, "error", in.Exchanges.Redact(e.Error()))
	in.Failed(&channels.Error{Code: channels.CodeUnavailable, Message: "sending failed: " + string(e.Class)})
	wait := max(worker.Backoff(p.Attempts+1, firstPause, maxPause), min(e.RetryAfter, maxRetryAfter))
	o := journal.PartOutcome{Counts: true, Reason: reasonOf(e)}
	switch e.Class {
	case channels.SendRejected, channels.SendGone:
		o.Dead = true
	case channels.SendUnauthorized:
		o.Counts, wait = false, openTime
		o.Dead = rejected
	}
	spent := o.Counts && p.Attempts+1 >= maxAttempts && age >= minRetried
	if o.Dead = o.Dead || spent; o.Dead {
		event := partEvent(&p.Part, channels.EventUndelivered)
		event.Reason = o.Reason
		o.Events = []channels.Event{event}
	}
	o.Retry = time.Now().Add(wait)
	return o
}

// shown returns the part for the outcome of one that was sent, where its channel's parts may
// have choices.
func shown(in *instance.Instance, p channels.Part) *channels.Part {
	if !in.Chooses() {
		return nil
	}
	return &p
}

// reasonOf names a failure by its class, and the platform's code where there is one.
func reasonOf(e *channels.SendError) string {
	if e.Code == "" {
		return string(e.Class)
	}
	return string(e.Class) + " (" + e.Code + ")"
}

// expiredOutcome is the outcome of a part that is too old to be sent.
func expiredOutcome(p *channels.Part) journal.PartOutcome {
	event := partEvent(p, channels.EventExpired)
	event.Reason = journal.KindExpired
	return journal.PartOutcome{
		Dead: true, Kind: journal.KindExpired, Reason: journal.KindExpired, Events: []channels.Event{event},
	}
}

// absentOutcome is the outcome of a part whose reader is absent. It waits for Wake,
// which makes it due, without counting attempts, and expires when nobody has come for it
// in time. That is nobody's failure, so it makes no dead letter.
func (d *Deliverer) absentOutcome(p *channels.Part, age, keep time.Duration) journal.PartOutcome {
	limit := d.staleAfter - beforeStale
	if keep > 0 {
		limit = min(limit, keep)
	}
	o := journal.PartOutcome{Reason: string(channels.SendAbsent)}
	if age >= limit {
		event := partEvent(p, channels.EventExpired)
		event.Reason = o.Reason
		o.Expired, o.Events = true, []channels.Event{event}
		return o
	}
	o.Retry = time.Now().Add(limit - age)
	return o
}

// partEvent is an event of a part. It belongs to the turn of no message any more.
func partEvent(p *channels.Part, kind channels.EventKind) channels.Event {
	return channels.Event{Kind: kind, Channel: p.Channel, Sender: p.Sender, Time: time.Now(), Part: p.ID}
}
