package service

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// A part that could not be sent is tried again, with growing pauses, until it has had
// both so many attempts and so much time, or is too old to make sense.
const (
	partAttempts   = 10
	partPatience   = time.Hour
	partOld        = 24 * time.Hour
	firstPartPause = time.Second
	mostPartPause  = 10 * time.Minute
	// A pause for somebody who is not there grows with the part's age up to this.
	mostAbsentPause = time.Minute
)

const (
	// sendTimeout bounds one platform call.
	sendTimeout = time.Minute
	// parkTime is the pause of a channel whose credentials are not accepted.
	parkTime = time.Minute
)

// deliver sends one part and settles how it went.
func (s *Service) deliver(ctx context.Context, d journal.Delivery) {
	in := s.byName[d.Part.Channel]
	if later := in.rates.admit(ctx, &d); !later.IsZero() {
		s.settlePart(ctx, in, d, journal.PartOutcome{Retry: later, Reason: "more than the platform takes"})
		return
	}
	probe, ok := s.lanes.enter(in.Name)
	if !ok {
		s.settlePart(ctx, in, d, journal.PartOutcome{Retry: time.Now(), Reason: "the channel waits"})
		return
	}
	receipt, err := s.send(ctx, in, d.Part)
	if err != nil && ctx.Err() != nil {
		err = &channels.SendError{Class: channels.SendUnknown, Err: errors.New("the program was stopped")}
	}
	o := s.partOutcome(in, &d, receipt, err)
	if probe && o.Reason != string(channels.SendUnauthorized) {
		s.lanes.trust(in.Name)
	}
	s.settlePart(ctx, in, d, o)
}

func (s *Service) settlePart(ctx context.Context, in *Instance, d journal.Delivery, o journal.PartOutcome) {
	err := s.settle(ctx, func(ctx context.Context) error { return s.journal.SettlePart(ctx, d.Claim, o) })
	switch {
	case err != nil:
		s.log.Error("part not settled", "channel", in.Name, "part", d.Part.ID, "error", err)
	case o.Dead:
		s.metrics.deadLetters.WithLabelValues(in.Name, journal.KindUndelivered).Inc()
		s.log.Warn("part given up", "channel", in.Name, "part", d.Part.ID, "class", o.Reason)
	}
}

// send makes one platform call; a panic of the channel becomes its error.
func (s *Service) send(ctx context.Context, in *Instance, p channels.Part) (receipt channels.Receipt, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &channels.SendError{Class: channels.SendUnknown, Err: fmt.Errorf("panic: %v\n%s", v, debug.Stack())}
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	return in.Channel.(channels.Sender).Send(ctx, p)
}

// partOutcome is the one place that decides what a class of failure means.
func (s *Service) partOutcome(in *Instance, d *journal.Delivery, receipt channels.Receipt, err error) journal.PartOutcome {
	if err == nil {
		s.metrics.attempts.WithLabelValues(in.Name, "sent").Inc()
		in.counters.sent[d.Part.Kind()].Inc()
		event := partEvent(&d.Part, channels.EventSent)
		event.Receipt = receipt.ID
		return journal.PartOutcome{Sent: true, Events: []channels.Event{event}}
	}
	e := channels.AsSendError(err)
	s.metrics.attempts.WithLabelValues(in.Name, string(e.Class)).Inc()
	age := time.Since(d.Stored)
	if e.Class == channels.SendAbsent {
		return absentOutcome(&d.Part, age, cmp.Or(e.Keep, partOld))
	}
	s.log.Warn("part not sent", "channel", in.Name, "part", d.Part.ID, "class", string(e.Class), "attempt", d.Attempts+1, "error", e)
	in.failed(&channels.Error{Code: channels.CodeUnavailable, Message: "sending failed: " + string(e.Class)})
	wait := max(backoff(d.Attempts+1, firstPartPause, mostPartPause), e.RetryAfter)
	wait = min(wait, max(partOld-age, firstPartPause)) // or it would be given up too late
	o := journal.PartOutcome{Counts: true, Reason: string(e.Class)}
	switch e.Class {
	case channels.SendRejected, channels.SendGone:
		o.Dead = true
	case channels.SendUnauthorized:
		o.Counts, wait = false, parkTime
		s.lanes.doubt(in.Name, parkTime)
	case channels.SendThrottled:
		if e.Scope == channels.ScopeChannel {
			s.lanes.park(in.Name, min(cmp.Or(e.RetryAfter, wait), partOld))
		}
	}
	spent := o.Counts && d.Attempts+1 >= partAttempts && age >= partPatience
	if o.Dead = o.Dead || spent || age >= partOld; o.Dead {
		event := partEvent(&d.Part, channels.EventUndelivered)
		event.Reason = o.Reason
		o.Events = []channels.Event{event}
	}
	o.Retry = time.Now().Add(wait)
	return o
}

// absentOutcome is that of a part whose reader is not there: it waits without counting
// attempts, and expires when nobody has come for it in time. That is nobody's failure.
func absentOutcome(p *channels.Part, age, keep time.Duration) journal.PartOutcome {
	o := journal.PartOutcome{Reason: string(channels.SendAbsent)}
	if age >= keep {
		event := partEvent(p, channels.EventExpired)
		event.Reason = o.Reason
		o.Expired, o.Events = true, []channels.Event{event}
		return o
	}
	wait := min(max(age, firstPartPause), mostAbsentPause)
	o.Retry = time.Now().Add(min(wait, keep-age))
	return o
}
