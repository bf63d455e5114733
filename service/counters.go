package service

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/manyvox/manyvox/channels"
)

// counters are the metrics of one channel, looked up once.
type counters struct {
	asked, posted            prometheus.Counter
	refused, turns           *prometheus.CounterVec
	turned                   prometheus.Counter // turns that were answered
	waited, answered, lasted prometheus.Observer
	replies, sent            map[channels.Kind]prometheus.Counter
	streams                  prometheus.Gauge
}

func (m *metrics) of(in *Instance) counters {
	label := prometheus.Labels{"channel": in.Name}
	received, turns := m.received.MustCurryWith(label), m.turns.MustCurryWith(label)
	c := counters{
		asked:   received.WithLabelValues("ask"),
		refused: m.refused.MustCurryWith(label),
		turns:   turns, turned: turns.WithLabelValues("answered"),
		waited:   m.waited.WithLabelValues(in.Name),
		answered: m.answered.WithLabelValues(in.Name),
		lasted:   m.seconds.WithLabelValues(in.Name),
		replies:  byKind(m.replies.MustCurryWith(label)),
		streams:  m.streams.WithLabelValues(in.Name),
	}
	if _, ok := in.Channel.(channels.Sender); ok {
		c.posted = received.WithLabelValues("post")
		c.sent = byKind(m.sent.MustCurryWith(label))
	}
	return c
}

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

// refuse counts messages that are turned away and returns why.
func (c *counters) refuse(err error, messages int) error {
	c.refused.WithLabelValues(channels.AsError(err).Code.String()).Add(float64(messages))
	return err
}

// ask counts a message that is let in and, until done is called, its caller if that is
// shown each reply as it comes.
func (c *counters) ask(r channels.Replier) (done func()) {
	c.asked.Inc()
	if !isLive(r) {
		return func() {}
	}
	c.streams.Inc()
	return c.streams.Dec
}

// begin counts the start of a message's first turn.
func (c *counters) begin(arrived time.Time) { c.waited.Observe(time.Since(arrived).Seconds()) }

// turn counts the end of a turn.
func (c *counters) turn(began time.Time, replies int, err error) {
	switch {
	case err != nil:
		c.turns.WithLabelValues(channels.AsError(err).Code.String()).Inc()
	case replies == 0:
		c.turns.WithLabelValues("silent").Inc()
	default:
		c.turned.Inc()
	}
	c.lasted.Observe(time.Since(began).Seconds())
}
