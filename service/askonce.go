package service

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// elsewherePause is the time between two looks at a turn that runs in another replica.
const elsewherePause = 100 * time.Millisecond

// askOnce answers a message to which its caller gave an id: however often it is asked,
// it has one turn that shows anything.
func (s *Service) askOnce(ctx context.Context, in *Instance, m *channels.Message, r channels.Replier) error {
	digest, err := digestOf(*m)
	if err != nil {
		return channels.Errorf(channels.CodeInvalid, "the message has no JSON form: %v", err)
	}
	entry := journal.Entry{Message: *m, Window: in.window()}
	o := once{s: s, in: in, entry: entry, live: isLive(r), arrived: time.Now()}
	key := entry.Key()
	a := s.asked.enter(key, digest, s.limits.Asks, func(a *asked) error { return o.run(context.WithoutCancel(ctx), a) })
	switch {
	case a == nil:
		return in.counters.refuse(errAsks, 1)
	case a.digest != digest:
		return otherBody(key)
	}
	bounded, cancel := context.WithTimeout(ctx, s.responseTimeout)
	defer cancel()
	return a.follow(bounded, r)
}

func otherBody(k journal.Key) error {
	return channels.Errorf(channels.CodeAlreadyExists, "message_id %s: was used for another message of this sender", k.ID)
}

// once runs the turn of an asked message, unless what became of it is known.
type once struct {
	s     *Service
	in    *Instance
	entry journal.Entry
	live  bool

	arrived time.Time
}

// run runs the turn, which ends with the program at the latest.
func (o *once) run(ctx context.Context, a *asked) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer context.AfterFunc(o.s.base, func() { cancel(context.Cause(o.s.base)) })()
	defer cancel(nil)
	return o.answer(ctx, a)
}

func (o *once) answer(ctx context.Context, a *asked) error {
	known, err := o.s.journal.Recall(ctx, a.key)
	if err != nil {
		return o.s.notStored(ctx, o.in, err)
	}
	if known != nil && !o.again(known, a) {
		return o.replay(ctx, a, known)
	}
	if err := o.s.room(ctx, 0); err != nil {
		return err
	}
	seat, err := o.s.join(ctx, o.entry.Message.Conversation(), o.arrived.Add(o.s.responseTimeout))
	if err != nil {
		return o.in.counters.refuse(err, 1)
	}
	defer seat.Release()
	o.in.counters.begin(o.arrived)
	claim, known, err := o.s.journal.Begin(ctx, seat, o.entry, a.digest[:])
	switch {
	case err != nil:
		return o.s.notStored(ctx, o.in, err)
	case known != nil:
		return o.replay(ctx, a, known)
	}
	return o.turn(ctx, a, claim)
}

// again reports whether the turn may begin anew.
func (o *once) again(known *journal.Known, a *asked) bool {
	return known.State == journal.StateFailed && bytes.Equal(known.Digest, a.digest[:])
}

// turn has the agent answer and records how that went before anybody is told.
func (o *once) turn(ctx context.Context, a *asked, claim journal.Asked) error {
	settle := func(ctx context.Context, step journal.Step) error { return o.s.journal.SettleAsk(ctx, claim, step) }
	m := &o.entry.Message
	w := &witness{m: m, live: o.live, asked: a, ledger: ledger{ctx: ctx, commit: settle}}
	bounded := newTurnContext(ctx, time.Now().Add(o.s.agentTimeout))
	defer bounded.end()
	err := o.s.run(bounded, &turn{s: o.s, in: o.in, m: m, to: w})
	step, then, shows, err := w.ledger.close(err)
	step.End = &journal.End{Outcome: journal.OutcomeDone}
	if err != nil {
		outcome, e := failureOf(shows), channels.AsError(err)
		step.End = &journal.End{Outcome: outcome, Reason: e.Code.String()}
		step.Events = append(step.Events, failureEvent(m, outcome, e))
	}
	if err := o.s.settle(ctx, func(ctx context.Context) error { return settle(ctx, step) }); err != nil {
		return o.s.notStored(ctx, o.in, err)
	}
	then()
	return err
}

// replay gives what is known of an earlier turn.
func (o *once) replay(ctx context.Context, a *asked, known *journal.Known) error {
	for {
		if !bytes.Equal(known.Digest, a.digest[:]) {
			return otherBody(a.key)
		}
		told := len(a.given)
		for _, parts := range known.Replies[min(told, len(known.Replies)):] {
			a.give(given{parts: parts})
		}
		if known.State != journal.StateRunning {
			return o.replayed(known)
		}
		if err := sleep(ctx, elsewherePause); err != nil {
			return channels.AsError(context.Cause(ctx))
		}
		var err error
		if known, err = o.s.journal.Recall(ctx, a.key); err != nil {
			return o.s.notStored(ctx, o.in, err)
		}
		if known == nil {
			return &channels.Error{Code: channels.CodeUnavailable, Message: "the turn is not known any more", RetryAfter: retryAfter}
		}
	}
}

// replayed is how a turn ended that is over.
func (o *once) replayed(known *journal.Known) error {
	const hint = "(message_id %s); a new message_id asks anew"
	id := o.entry.Message.ID
	switch {
	case known.State == journal.StateFailed: // while this caller looked on
		return &channels.Error{
			Code: channels.CodeUnavailable, RetryAfter: retryAfter,
			Message: fmt.Sprintf("the turn failed before it showed anything (message_id %s)", id),
		}
	case known.State == journal.StateInterrupted:
		return channels.Errorf(channels.CodeAborted, "an earlier turn of this message was interrupted "+hint, id)
	case known.Forgotten:
		return channels.Errorf(channels.CodeAborted, "this message was answered, and the replies are not kept any more "+hint, id)
	}
	return nil
}

// witness is the Replier of an asked message's turn: what the agent gives is recorded
// before those who follow see it.
type witness struct {
	ledger ledger
	m      *channels.Message
	live   bool
	asked  *asked
}

// Live says how the first caller listens.
func (w *witness) Live() bool { return w.live }

// Reply records one reply alone; the service uses Replies.
func (w *witness) Reply(ctx context.Context, r channels.Reply) error {
	return w.Replies(ctx, []channels.Reply{r})
}

// Replies records the parts of one reply together.
func (w *witness) Replies(_ context.Context, parts []channels.Reply) error {
	return w.ledger.add(nil, replyEvent(w.m, parts), func() { w.asked.give(given{parts: parts}) })
}

// Delta hands on a piece of text. Before the first it is recorded that there is one.
func (w *witness) Delta(_ context.Context, text string) error {
	if err := w.ledger.show(); err != nil {
		return err
	}
	w.asked.give(given{delta: text})
	return nil
}

var (
	_ channels.Replier = (*witness)(nil)
	_ channels.Live    = (*witness)(nil)
	_ grouper          = (*witness)(nil)
)
