package service

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/manyvox/manyvox/channels"
)

// metrics are what /metrics tells. No label holds a sender or a text.
type metrics struct {
	registry *prometheus.Registry

	received, refused, posted, turns, replies, attempts, sent, deadLetters *prometheus.CounterVec

	waited, answered, seconds *prometheus.HistogramVec

	streams *prometheus.GaugeVec
	// unwritten counts what the journal could not commit.
	unwritten prometheus.Counter
}

func newMetrics(s *Service) *metrics {
	m := &metrics{registry: prometheus.NewRegistry()}
	m.received = m.counter("messages_received_total",
		`Messages let in: by "ask", whose caller waits for the replies, or by "post", which are stored first.`, "channel", "way")
	m.refused = m.counter("messages_refused_total", "Messages turned away before their turn, by the code of the error.", "channel", "code")
	m.posted = m.counter("messages_stored_total", `Messages of platforms: "stored", or "duplicate" when it was known already.`, "channel", "outcome")
	m.turns = m.counter("turns_total", `Turns by outcome: "answered", "silent" (the agent said nothing) or the code of the error.`, "channel", "outcome")
	m.replies = m.counter("replies_total", "Replies that the agent gave, each of one kind.", "channel", "kind")
	m.attempts = m.counter("deliveries_total", `Attempts to send a part by class: "sent", or what went wrong.`, "channel", "class")
	m.sent = m.counter("parts_sent_total", "Parts that the platform took.", "channel", "kind")
	m.deadLetters = m.counter("dead_letters_total", "Messages and parts that were given up, by kind.", "channel", "kind")
	m.waited = m.histogram("queue_wait_seconds", "Time from a message's arrival to the start of its first turn.")
	m.answered = m.histogram("first_reply_seconds", "Time from the start of a turn to the first thing the agent says, a piece of a reply included.")
	m.seconds = m.histogram("turn_seconds", "Time from the start of a turn to its end, whatever the outcome.")
	m.streams = prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "manyvox_streams_open", Help: "Callers that are shown each reply as it comes.",
	}, []string{"channel"})
	asks := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "manyvox_asks", Help: "Messages waiting for replies or being answered.",
	}, func() float64 { return float64(s.asks.Load()) })
	m.unwritten = prometheus.NewCounter(prometheus.CounterOpts{
		Name: "manyvox_journal_errors_total", Help: "Changes that the journal could not commit.",
	})
	m.registry.MustRegister(m.streams, asks, m.unwritten, newDepths(s))
	return m
}

func (m *metrics) counter(name, help string, labels ...string) *prometheus.CounterVec {
	c := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "manyvox_" + name, Help: help}, labels)
	m.registry.MustRegister(c)
	return c
}

func (m *metrics) histogram(name, help string) *prometheus.HistogramVec {
	h := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "manyvox_" + name, Help: help,
		Buckets: []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 120, 300},
	}, []string{"channel"})
	m.registry.MustRegister(h)
	return h
}

// serveMetrics asks for the program's token, as authorizeOperator says.
func (s *Service) serveMetrics() http.Handler {
	metrics := promhttp.HandlerFor(s.metrics.registry, promhttp.HandlerOpts{})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := s.authorizeOperator(r); err != nil {
			channels.WriteError(w, err)
			return
		}
		metrics.ServeHTTP(w, r)
	})
}
