package delivery

import (
	"context"
	"strings"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/instance"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/worker"
)

// keepEvery is how often the text so far is committed.
const keepEvery = 5 * time.Second

// livePart is a claimed part that grows. One goroutine works on it from its claim to its
// settlement: see run. It holds a slot only during a call.
type livePart struct {
	d      *Deliverer
	growth *growth
	p      journal.Delivery // its Part is the present message's, without the text so far

	// message is what is known of the message on the platform. Its receipt is nil until it
	// was opened.
	message message
	// waits says that the platform is not called any more before the part is complete.
	waits bool
	// notBefore is when the platform may be called next, failures how many calls in a row
	// have failed.
	notBefore time.Time
	failures  int
	// kept is the text that was committed last, keptAt when.
	kept   string
	keptAt time.Time
	// settled says that the claim has ended.
	settled bool
}

// message is a message on the platform whose text grows.
type message struct {
	receipt *channels.Receipt
	// opened is when it was opened, called when it was opened or added to last.
	opened, called time.Time
	// shown is its text. Unsure says that it may show something else: the outcome of a call
	// was not known, or the message was opened by an earlier run.
	shown  string
	unsure bool
	// closedOnly says that the platform takes no more pieces.
	closedOnly bool
	// closed is what it was closed as, nil while it grows, and outcome what follows from that.
	closed  *channels.Reply
	outcome journal.PartOutcome
}

// untilFaded returns how long the platform still shows the text, less than zero for ever.
func (m *message) untilFaded(limits channels.LiveLimits) time.Duration {
	if limits.Refresh == 0 || m.receipt == nil || m.closedOnly {
		return -1
	}
	return max(0, time.Until(m.called.Add(limits.Refresh)))
}

// piece returns what a text adds to what is shown, or all of it where that is not known.
func (m *message) piece(text string) string {
	if rest, ok := strings.CutPrefix(text, m.shown); ok && !m.unsure {
		return rest
	}
	return text
}

// grow takes a part that grows. A goroutine of its own follows, so that no worker of the
// pool waits for an agent.
func (d *Deliverer) grow(ctx context.Context, to *platform, p journal.Delivery) {
	g := d.growths.attach(p.Part.ID)
	if g == nil {
		// Its turn has ended since the part was given out: it comes again as it was committed.
		d.settle(ctx, to.in, p, journal.PartOutcome{Retry: time.Now(), Reason: "it does not grow any more"})
		return
	}
	l := &livePart{d: d, growth: g, p: p, kept: p.Part.Reply.Text, keptAt: time.Now(), message: g.known(p.Live.Receipt)}
	to.in.Metrics.Growing(1)
	d.running.Go(func() {
		defer to.in.Metrics.Growing(-1)
		defer d.growths.detach(g)
		l.run(ctx)
	})
}

// enter returns where the part is sent to now, whose instance leave leaves. It is nil when the
// channel is not in use.
func (l *livePart) enter() (to *platform, leave func()) {
	to = l.d.platforms.enterInstance(l.p.Part.Channel)
	if to == nil {
		return nil, func() {}
	}
	return to, to.in.Leave
}

// keep commits the text so far, and the receipt. It reports false when the claim is lost.
func (l *livePart) keep(ctx context.Context, part channels.Part, events ...channels.Event) bool {
	progress := journal.LiveProgress{Part: part, Receipt: l.message.receipt, Events: events}
	err := worker.Commit(ctx, l.d.log, func(ctx context.Context) error { return l.d.outbox.KeepLive(ctx, l.p.Claim, progress) })
	l.kept, l.keptAt = part.Reply.Text, time.Now()
	if err != nil {
		l.d.log.Info("growing reply not kept", "channel", part.Channel, "part", part.ID, "error", err)
		l.settled = true
		l.growth.remember(l.message)
	}
	return err == nil
}

// settle ends the claim before the text is complete.
func (l *livePart) settle(ctx context.Context, in *instance.Instance, o journal.PartOutcome) {
	l.settled = true
	l.growth.remember(l.message)
	l.d.settle(ctx, in, l.p, o)
}

// fail notes that a call has failed: what follows waits.
func (l *livePart) fail(pause time.Duration) {
	l.failures++
	l.notBefore = time.Now().Add(max(pause, worker.Backoff(l.failures, firstPause, maxPause)))
}

// succeed notes that a call has not failed.
func (l *livePart) succeed() { l.failures = 0 }

// nextPartID is the id of the part in which a text goes on. It is stable, as that of the part
// before it is.
func nextPartID(p *channels.Part) string {
	return instance.PartID(p.Conversation(), p.ID, "the next message")
}
