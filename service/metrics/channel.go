package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/manyvox/manyvox/channels"
)

// Channel are the metrics of one channel, looked up once.
type Channel struct {
	asked, posted          prometheus.Counter
	refused, stored, turns *prometheus.CounterVec
	answered               prometheus.Counter // turns that were answered
	eventsDropped          prometheus.Counter
	attempts, deadLetters  *prometheus.CounterVec
	repeated               prometheus.Counter // of a channel that can send
	calls                  calls              // of a channel that can send
	times                  times
	replies, sent          map[channels.Kind]prometheus.Counter
	streams                prometheus.Gauge
}

// times are how long things take.
type times struct{ queueWait, firstReply, turn prometheus.Observer }

// Of returns the metrics of a channel. Sends says whether it can send.
func (m *Metrics) Of(name string, sends bool) *Channel {
	label := prometheus.Labels{"channel": name}
	received, turns := m.received.MustCurryWith(label), m.turns.MustCurryWith(label)
	c := &Channel{
		asked:   received.WithLabelValues("ask"),
		refused: m.refused.MustCurryWith(label),
		stored:  m.stored.MustCurryWith(label),
		turns:   turns, answered: turns.WithLabelValues("answered"),
		attempts:    m.attempts.MustCurryWith(label),
		deadLetters: m.deadLetters.MustCurryWith(label),
		times: times{
			queueWait:  m.queueWait.WithLabelValues(name),
			firstReply: m.firstReply.WithLabelValues(name),
			turn:       m.turnTime.WithLabelValues(name),
		},
		replies: byKind(m.replies.MustCurryWith(label)),
		streams: m.streams.WithLabelValues(name),

		eventsDropped: m.eventsDropped.WithLabelValues(name),
	}
	if sends {
		c.posted = received.WithLabelValues("post")
		c.sent = byKind(m.sent.MustCurryWith(label))
		c.repeated = m.repeated.WithLabelValues(name)
		c.calls = m.calls.of(name)
	}
	return c
}

// byKind looks the counters of all kinds up once: a look-up by label takes longer than
// the count. It also makes each kind show as 0 before the first.
func byKind(v *prometheus.CounterVec) map[channels.Kind]prometheus.Counter {
	counters := map[channels.Kind]prometheus.Counter{}
	for _, kind := range []channels.Kind{
		channels.KindText, channels.KindButtons, channels.KindQuickReplies, channels.KindCustom,
		channels.KindImage, channels.KindAttachment, channels.KindElements,
	} {
		counters[kind] = v.WithLabelValues(string(kind))
	}
	return counters
}

// Refused counts messages that are turned away with err, which it returns.
func (c *Channel) Refused(err error, messages int) error {
	c.refused.WithLabelValues(channels.AsError(err).Code.String()).Add(float64(messages))
	return err
}

// Asked counts a message that is let in and whose caller waits. A caller that is shown
// each reply as it comes counts as an open stream until done is called.
func (c *Channel) Asked(live bool) (done func()) {
	c.asked.Inc()
	if !live {
		return func() {}
	}
	c.streams.Inc()
	return c.streams.Dec
}

// Posted counts messages that are let in and stored first.
func (c *Channel) Posted(messages int) { c.posted.Add(float64(messages)) }

// Stored counts a message that the journal took, or knew already.
func (c *Channel) Stored(fresh bool) {
	outcome := "stored"
	if !fresh {
		outcome = "duplicate"
	}
	c.stored.WithLabelValues(outcome).Inc()
}

// Begun counts the start of a message's first turn.
func (c *Channel) Begun(arrived time.Time) { c.times.queueWait.Observe(time.Since(arrived).Seconds()) }

// Sent counts a part that the platform took.
func (c *Channel) Sent(kind channels.Kind) {
	c.attempts.WithLabelValues("sent").Inc()
	c.sent[kind].Inc()
}

// Repeated counts a part that is sent although it may have been sent before.
func (c *Channel) Repeated() { c.repeated.Inc() }

// NotSent counts an attempt to send that failed.
func (c *Channel) NotSent(class channels.SendClass) { c.attempts.WithLabelValues(string(class)).Inc() }

// EventDropped counts an event that could not be written.
func (c *Channel) EventDropped() { c.eventsDropped.Inc() }

// DeadLetter counts a message or a part that was given up.
func (c *Channel) DeadLetter(kind string) { c.deadLetters.WithLabelValues(kind).Inc() }
