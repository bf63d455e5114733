package turn

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/worker"
)

// failureParts is where the parts of on_failure are numbered from: after a restart
// nobody knows how many came before them.
const failureParts = 1 << 20

// putBackPause is how long a message waits at least whose channel is not in use: the
// journal gives it out no sooner than the channel is again.
const putBackPause = time.Second

// Answer runs one attempt of a stored message and settles it. One whose channel has gone
// waits until it returns. When it leaves the agent's call behind it returns with that call, so
// that its worker stays taken, or once the program drains.
func (x *Executor) Answer(ctx context.Context, t journal.Turn) {
	c, agent := x.enterAgent(&t.Message)
	if x.hasPlaces(agent) {
		x.handOver(ctx, t, c, agent)
		return
	}
	defer agent.Leave()
	x.answerBy(ctx, t, c, agent)
}

// answerBy is Answer for the agent that has been picked.
func (x *Executor) answerBy(ctx context.Context, t journal.Turn, c *chain, agent *agentInUse) {
	in, err := x.Channels.Enter(t.Message.Channel)
	if err != nil {
		x.putBack(ctx, &t, time.Now().Add(putBackPause), "the channel is not in use")
		return
	}
	defer in.Leave()
	lasting, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	p := &outboxReplier{in: in, agent: agent, chain: c, turn: t, cancel: cancel, live: newLiveText(in, x.Delivery)}
	p.committer = committer{base: ctx, log: x.Log, commit: func(ctx context.Context, step journal.Step) error {
		err := x.Inbox.Settle(ctx, t.Claim, step)
		if errors.Is(err, journal.ErrFenced) {
			cancel(errClaimLost)
		}
		return err
	}}
	end := x.withoutAgent(c, &t)
	if end == nil {
		end = x.attempt(lasting, p)
	}
	x.settle(ctx, p, end)
	if p.leftBehind != nil {
		select {
		case <-p.leftBehind:
		case <-x.InFlight.Draining():
		case <-ctx.Done():
		}
	}
}

// putBack settles a message that cannot have its turn now, as if it had not been given out. It
// is due again at a time.
func (x *Executor) putBack(ctx context.Context, t *journal.Turn, at time.Time, why string) {
	step := journal.Step{End: &journal.End{Outcome: journal.OutcomeDeferred, At: at, Reason: why}}
	err := worker.Commit(ctx, x.Log, func(ctx context.Context) error { return x.Inbox.Settle(ctx, t.Claim, step) })
	if err != nil {
		x.Log.Error("message not put back", "channel", t.Message.Channel, "message_id", t.Message.ID, "error", err)
	}
}

// attempt has the agent answer, unless its breaker is open.
func (x *Executor) attempt(ctx context.Context, p *outboxReplier) *ending {
	inTime, cancel := context.WithTimeout(ctx, p.agent.AgentTimeout)
	defer cancel()
	p.committer.turn = inTime
	bounded, stop := context.WithCancelCause(inTime)
	defer stop(nil)
	over := x.running.begin(p.turn.Message.Conversation(), &runningTurn{messageID: p.turn.Message.ID, cancel: p.cancel, stop: stop})
	defer over()
	probe, refused := p.agent.breaker.enter()
	if refused != nil {
		at, _ := p.agent.breaker.putBackUntil(false)
		if p.chain.check() == nil { // another agent of the chain answers
			at = time.Now()
		}
		return &ending{outcome: journal.OutcomeDeferred, at: at, why: refused}
	}
	if p.turn.Attempt == 1 {
		p.in.Metrics.Begun(p.turn.Stored)
	}
	if _, types := p.in.Channel.(channels.Typer); types && x.Delivery != nil {
		defer x.Delivery.Typing(bounded, p.turn.Message, partID(&p.turn, 0))()
	}
	r := &relay{in: p.in, m: &p.turn.Message, to: p, agent: p.agent, attempt: p.turn.Attempt, probe: probe, keepPlace: p.keepPlace}
	return p.afterAgent(ctx, x.run(bounded, r))
}

// settle commits how the attempt ends, with what the turn gave last.
func (x *Executor) settle(ctx context.Context, p *outboxReplier, end *ending) {
	m := &p.turn.Message
	step, follow := p.committer.take()
	over := p.endText(&step)
	step.End = &journal.End{Outcome: end.outcome, At: end.at, Reason: end.reason()}
	switch {
	case end.isDead():
		step.Events = append(step.Events, failureEvent(m, end.outcome, end.reason()))
	case end.isStopped():
		step.Events = append(step.Events, failureEvent(m, journal.OutcomeInterrupted, reasonOf(end.why)))
	}
	if end.tellsUser() {
		x.addOnFailure(p, &step)
	}
	err := worker.Commit(ctx, x.Log, func(ctx context.Context) error { return x.Inbox.Settle(ctx, p.turn.Claim, step) })
	if err == nil {
		follow()
	}
	over(err == nil)
	switch {
	case errors.Is(err, journal.ErrFenced):
		x.Log.Info("turn not settled: it lost its claim", "channel", p.in.Name, "message_id", m.ID)
		return
	case err != nil:
		x.Log.Error("turn not settled", "channel", p.in.Name, "message_id", m.ID, "error", err)
		return
	}
	if end.outcome == journal.OutcomeDone {
		x.Media.Release(ctx, m)
	}
	if end.isDead() {
		p.in.Metrics.DeadLetter(string(end.outcome))
		x.Log.Warn("message given up", "channel", p.in.Name, "message_id", m.ID, "kind", string(end.outcome))
	}
}

// addOnFailure adds the sentence of on_failure, the channel's or else the agent's, which the
// user gets in place of the rest of the answer.
func (x *Executor) addOnFailure(p *outboxReplier, step *journal.Step) {
	sentence := cmp.Or(p.in.OnFailure, p.agent.OnFailure)
	if sentence == "" {
		return
	}
	m, level := &p.turn.Message, slog.LevelError
	if p.unfit { // is in the log already
		level = slog.LevelWarn
	}
	p.parts = failureParts
	reply := channels.Reply{RecipientID: m.Sender, Text: sentence}
	parts, err := p.partsOf(reply)
	if err != nil {
		x.Log.Log(context.Background(), level, "on_failure not sent", "channel", p.in.Name, "message_id", m.ID, "error", err)
		return
	}
	step.Parts = append(step.Parts, parts...)
	step.Events = append(step.Events, replyEvent(m, []channels.Reply{reply}))
}
