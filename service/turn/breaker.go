package turn

import (
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/instance"
)

const (
	// breakAfter is how many turns in a row that do not reach the agent open its breaker.
	breakAfter = 5
	// probeEvery is the time from one probe to the next.
	probeEvery = time.Minute
	// probeSpread is over how long the turns that were put back return after the probe is
	// due: the first of them is the probe, and most of the others learn its outcome.
	probeSpread = 5 * time.Second
)

// breaker is the circuit breaker of an agent. While it is open no turn is begun but one
// probe a minute. The first turn that reaches the agent closes it.
type breaker struct {
	agent string
	log   *slog.Logger

	mu sync.Mutex
	// failures counts the turns since the last that reached the agent.
	failures int
	// since is when it opened; zero while it is closed. until is when the next probe is due.
	since, until time.Time
	// probe is the number of the probe under way, 0 when there is none; probes counts them.
	probe, probes int
	reason        string
}

// enter lets a turn begin, or returns an error that says when to come back. Probe is not 0
// when the turn is the probe. Leave must follow when there is no error.
func (b *breaker) enter() (probe int, refused *channels.Error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.since.IsZero() {
		return 0, nil
	}
	if refused := b.refusal(); refused != nil {
		return 0, refused
	}
	b.probes++
	b.probe = b.probes
	return b.probe, nil
}

// check returns the error of enter, and lets nothing begin.
func (b *breaker) check() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if refused := b.refusal(); refused != nil {
		return refused
	}
	return nil
}

// refusal is the error of a turn that may not begin now, nil when it may.
func (b *breaker) refusal() *channels.Error {
	wait := time.Until(b.until)
	switch {
	case b.since.IsZero():
		return nil
	case b.probe != 0:
		wait = instance.RetryAfter
	case wait <= 0:
		return nil
	}
	return &channels.Error{
		Code: channels.CodeUnavailable, Reason: channels.ReasonAgentUnreachable, RetryAfter: max(wait, instance.RetryAfter),
		Message: "the agent cannot be reached now",
	}
}

// leave takes the outcome of a turn that enter let begin.
func (b *breaker) leave(probe int, err error) {
	if agents.IsNotReached(err) {
		b.notReached(probe, err)
		return
	}
	b.reached()
}

// withdraw ends a turn that enter let begin and that did not call the agent.
func (b *breaker) withdraw(probe int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.endProbe(probe)
}

// endProbe reports whether the probe is the one under way, which has ended then.
func (b *breaker) endProbe(probe int) bool {
	if probe == 0 || probe != b.probe {
		return false
	}
	b.probe = 0
	return true
}

// notReached counts a turn that has not reached the agent.
func (b *breaker) notReached(probe int, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	b.failures++
	b.reason = channels.AsError(err).Code.String()
	wasProbe := b.endProbe(probe)
	switch {
	case b.since.IsZero() && b.failures >= breakAfter:
		b.since, b.until = now, now.Add(probeEvery)
		b.log.Warn("agent cannot be reached: its breaker is open", "agent", b.agent, "turns", b.failures, "error", err)
	case wasProbe:
		b.until = now.Add(probeEvery)
	}
}

// reached closes the breaker. A turn may call it as soon as the agent has said something.
func (b *breaker) reached() { b.shut("agent is reached again: its breaker is closed") }

// resume closes the breaker by hand, and reports whether it was open.
func (b *breaker) resume() bool {
	return b.shut("agent is tried again: its breaker was closed by hand")
}

// shut closes the breaker, with a line in the log when it was open.
func (b *breaker) shut(line string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	wasOpen := !b.since.IsZero()
	if wasOpen {
		b.log.Info(line, "agent", b.agent, "open_for", time.Since(b.since).Round(time.Second))
	}
	b.failures, b.probe, b.since, b.until = 0, 0, time.Time{}, time.Time{}
	return wasOpen
}

// putBackUntil is when a turn is due again that the breaker keeps away; ok is false when
// it keeps none away. One that has just been tried returns last, so that the next probe
// is another's where there is another.
func (b *breaker) putBackUntil(tried bool) (at time.Time, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch spread := rand.N(probeSpread); { //nolint:gosec // jitter needs no secrecy
	case b.since.IsZero():
		return time.Time{}, false
	case tried:
		return b.until.Add(probeSpread), true
	case b.probe != 0: // whose outcome is known soon
		return time.Now().Add(probeSpread + spread), true
	default:
		return b.until.Add(spread), true
	}
}

// hold describes the breaker; ok is false while it is closed.
func (b *breaker) hold() (h instance.Hold, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	h = instance.Hold{Agent: b.agent, State: instance.HoldOpen, Since: b.since, Until: b.until, Reason: b.reason}
	if b.probe != 0 {
		h.State = instance.HoldHalfOpen
	}
	return h, !b.since.IsZero()
}
