package service

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// A turn that failed before it showed anything is run again, with growing pauses,
// until it has had both so many attempts and so much time.
const (
	turnAttempts   = 5
	turnPatience   = 10 * time.Minute
	firstTurnPause = time.Second
	mostTurnPause  = 2 * time.Minute
)

// failureParts is where the parts of on_failure are numbered from: after a restart
// nobody knows how many came before them.
const failureParts = 1 << 20

// dedupeWindow is how long a message's id is remembered at least.
const dedupeWindow = 48 * time.Hour

// answerStored runs one attempt of a stored message and settles how it went.
func (s *Service) answerStored(ctx context.Context, t journal.Turn) {
	in := s.byName[t.Message.Channel]
	p := &poster{s: s, in: in, turn: t, ledger: ledger{ctx: ctx, commit: func(ctx context.Context, step journal.Step) error {
		return s.journal.Settle(ctx, t.Claim, step)
	}}}
	var err error
	if t.Attempt == 1 {
		in.counters.begin(t.Stored)
	}
	if t.Shown == 0 {
		bounded, cancel := context.WithTimeout(ctx, s.agentTimeout)
		err = s.run(bounded, &turn{s: s, in: in, m: &t.Message, to: p})
		cancel()
	} else {
		err = channels.Errorf(channels.CodeInternal, "the program ended in the middle of the turn")
	}
	step := p.end(ctx, err)
	err = s.settle(ctx, func(ctx context.Context) error { return s.journal.Settle(ctx, t.Claim, step) })
	if err != nil {
		s.log.Error("turn not settled", "channel", in.Name, "message_id", t.Message.ID, "error", err)
		return
	}
	s.ended(in, &t.Message, step.End)
}

// ended counts the end of a turn.
func (s *Service) ended(in *Instance, m *channels.Message, end *journal.End) {
	if end.Outcome == journal.OutcomeFailed || end.Outcome == journal.OutcomeInterrupted {
		s.metrics.deadLetters.WithLabelValues(in.Name, string(end.Outcome)).Inc()
		s.log.Warn("message given up", "channel", in.Name, "message_id", m.ID, "kind", string(end.Outcome))
	}
}

// isTerminal reports whether an agent that failed so would fail so again.
func isTerminal(c channels.Code) bool {
	return slices.Contains([]channels.Code{
		channels.CodeInvalid, channels.CodeNotFound, channels.CodePermissionDenied, channels.CodeFailedPrecondition,
		channels.CodeTooLarge,
	}, c)
}

// backoff doubles with each attempt, counted from 1. Half of it is random, so that
// what failed together does not return together.
func backoff(attempt int, first, most time.Duration) time.Duration {
	d := most
	if shift := attempt - 1; shift < 16 {
		d = min(first<<shift, most)
	}
	return d/2 + rand.N(d/2) //nolint:gosec // jitter needs no secrecy
}

// poster is the Replier of a stored message: what the agent says is committed to the
// outbox before it may be sent.
type poster struct {
	ledger ledger

	s     *Service
	in    *Instance
	turn  journal.Turn
	parts int // parts so far, which number them
}

// Live returns true: each reply leaves as it comes.
func (p *poster) Live() bool { return true }

// Reply commits one reply alone; the service uses Replies.
func (p *poster) Reply(ctx context.Context, r channels.Reply) error {
	return p.Replies(ctx, []channels.Reply{r})
}

// Replies takes the parts of one reply of the agent, which are committed together.
func (p *poster) Replies(_ context.Context, rs []channels.Reply) error {
	parts, err := p.partsOf(rs...)
	if err != nil || len(parts) == 0 {
		return err
	}
	return p.ledger.add(parts, replyEvent(&p.turn.Message, rs), func() {})
}

// Delta does nothing: a platform is sent complete replies.
func (p *poster) Delta(context.Context, string) error { return nil }

// partsOf makes the parts that the channel can send, numbered within the turn.
func (p *poster) partsOf(rs ...channels.Reply) ([]channels.Part, error) {
	to := channels.Part{Channel: p.in.Name, Sender: p.turn.Message.Sender, Address: p.turn.Message.Address}
	return p.in.partsOf(to, rs, func() string {
		id := partID(&p.turn, p.parts)
		p.parts++
		return id
	})
}

// partID is the same for the same reply of the same message after a restart, and
// another one when a dead letter was put back: what was given up is sent anew.
func partID(t *journal.Turn, n int) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%s\x00%s\x00%d\x00%d", t.Message.Channel, t.Message.Sender, t.Message.ID, t.Row, n))
	return hex.EncodeToString(sum[:16])
}

// end decides what becomes of the turn and returns the step that ends it. A turn that
// has shown something is never run again by itself.
func (p *poster) end(ctx context.Context, err error) journal.Step {
	step, _, shows, err := p.ledger.close(err)
	shows = shows || p.turn.Shown > 0
	if err == nil {
		step.End = &journal.End{Outcome: journal.OutcomeDone}
		return step
	}
	e := channels.AsError(err)
	spent := p.turn.Attempt >= turnAttempts && time.Since(p.turn.Stored) >= turnPatience
	switch {
	case shows:
		p.giveUp(&step, journal.OutcomeInterrupted, e)
	case ctx.Err() != nil: // given back: not the turn's fault
		step.End = &journal.End{Outcome: journal.OutcomeRetry, At: time.Now(), Reason: "the program was stopped"}
	case spent || isTerminal(e.Code):
		p.giveUp(&step, journal.OutcomeFailed, e)
	default:
		wait := max(backoff(p.turn.Attempt, firstTurnPause, mostTurnPause), min(e.RetryAfter, partOld))
		step.End = &journal.End{Outcome: journal.OutcomeRetry, At: time.Now().Add(wait), Reason: e.Code.String()}
	}
	return step
}

// giveUp ends the turn for good; the user gets the sentence of on_failure.
func (p *poster) giveUp(step *journal.Step, o journal.Outcome, e *channels.Error) {
	m := &p.turn.Message
	step.End = &journal.End{Outcome: o, Reason: e.Code.String() + ": " + e.Message}
	step.Events = append(step.Events, failureEvent(m, o, e))
	if p.in.OnFailure == "" {
		return
	}
	p.parts = failureParts
	reply := channels.Reply{RecipientID: m.Sender, Text: p.in.OnFailure}
	parts, err := p.partsOf(reply)
	if err != nil {
		p.s.log.Error("on_failure not sent", "channel", p.in.Name, "message_id", m.ID, "error", err)
		return
	}
	step.Parts = append(step.Parts, parts...)
	step.Events = append(step.Events, replyEvent(m, []channels.Reply{reply}))
}

var (
	_ channels.Replier = (*poster)(nil)
	_ channels.Live    = (*poster)(nil)
	_ grouper          = (*poster)(nil)
)
