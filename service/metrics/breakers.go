package metrics

import "github.com/prometheus/client_golang/prometheus"

// breakers show at each scrape the circuit breakers of the agents in use.
type breakers struct {
	read func() map[string]bool
	open *prometheus.Desc
}

func newBreakers(read func() map[string]bool) *breakers {
	return &breakers{read: read, open: prometheus.NewDesc("manyvox_agent_breaker_open",
		"1 while the agent cannot be reached and its circuit breaker keeps turns away, or is tried by one; else 0.", []string{"agent"}, nil)}
}

// Describe is prometheus.Collector's.
func (b *breakers) Describe(to chan<- *prometheus.Desc) { to <- b.open }

// Collect is prometheus.Collector's.
func (b *breakers) Collect(to chan<- prometheus.Metric) {
	if b.read == nil {
		return
	}
	for agent, open := range b.read() {
		value := 0.0
		if open {
			value = 1
		}
		to <- prometheus.MustNewConstMetric(b.open, prometheus.GaugeValue, value, agent)
	}
}

var _ prometheus.Collector = (*breakers)(nil)
