package service

import (
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/manyvox/manyvox/channels"
)

// metrics are what /metrics tells. No label holds a sender or a text.
type metrics struct {
	registry *prometheus.Registry
	turns    *prometheus.CounterVec
	seconds  *prometheus.HistogramVec

	posted, refused, attempts, deadLetters *prometheus.CounterVec
}

func newMetrics(s *Service) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		turns: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "manyvox_turns_total",
			Help: `Turns by outcome: "answered", "silent" (the agent said nothing) or the code of the error.`,
		}, []string{"channel", "outcome"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "manyvox_turn_seconds",
			Help:    "Time from the start of a turn to its end, whatever the outcome.",
			Buckets: []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 120, 300},
		}, []string{"channel"}),
		posted: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "manyvox_messages_stored_total", Help: `Messages of platforms: "stored", or "duplicate" when it was known already.`,
		}, []string{"channel", "outcome"}),
		refused: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "manyvox_messages_refused_total", Help: "Messages of platforms that can never be taken.",
		}, []string{"channel"}),
		attempts: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "manyvox_deliveries_total", Help: `Attempts to send a part by class: "sent", or what went wrong.`,
		}, []string{"channel", "class"}),
		deadLetters: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "manyvox_dead_letters_total", Help: "Messages and parts that were given up, by kind.",
		}, []string{"channel", "kind"}),
	}
	m.registry.MustRegister(m.turns, m.seconds, m.posted, m.refused, m.attempts, m.deadLetters, prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "manyvox_asks", Help: "Messages waiting for replies or being answered.",
	}, func() float64 { return float64(s.asks.Load()) }))
	return m
}

// counters are the metrics of one channel, looked up once.
type counters struct {
	turns    *prometheus.CounterVec
	answered prometheus.Counter
	seconds  prometheus.Observer
}

func (m *metrics) of(channel string) counters {
	turns := m.turns.MustCurryWith(prometheus.Labels{"channel": channel})
	return counters{turns, turns.WithLabelValues("answered"), m.seconds.WithLabelValues(channel)}
}

// turn counts the end of a turn.
func (c *counters) turn(began time.Time, replies int, err error) {
	switch {
	case err != nil:
		c.turns.WithLabelValues(channels.AsError(err).Code.String()).Inc()
	case replies == 0:
		c.turns.WithLabelValues("silent").Inc()
	default:
		c.answered.Inc()
	}
	c.seconds.Observe(time.Since(began).Seconds())
}

// serveMetrics asks for the program's token. Where there is none, it answers the
// machine itself only: a request that a proxy forwarded may be anyone's.
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

func (s *Service) authorizeOperator(r *http.Request) error {
	if s.authToken != "" {
		if s.authToken.Equal(tokenOf(r.Context())) {
			return nil
		}
		return channels.Errorf(channels.CodeUnauthenticated, "the token of --auth-token is needed: send it as \"Authorization: Bearer <token>\"")
	}
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	forwarded := r.Header.Get("Forwarded") != "" || r.Header.Get("X-Forwarded-For") != ""
	if ip := net.ParseIP(host); err != nil || ip == nil || !ip.IsLoopback() || forwarded {
		return channels.Errorf(channels.CodePermissionDenied, "this route answers only this machine itself, unless --auth-token is set")
	}
	return nil
}
