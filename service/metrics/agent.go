package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/manyvox/manyvox/channels"
)

// Agent counts the turns of one agent. A nil Agent counts nothing.
type Agent struct {
	turns *prometheus.CounterVec
	times prometheus.Observer
}

// Agent returns the counters of an agent, nil of one without a name.
func (m *Metrics) Agent(name string) *Agent {
	if m == nil || name == "" {
		return nil
	}
	return &Agent{turns: m.agentTurns.MustCurryWith(prometheus.Labels{"agent": name}), times: m.agentTime.WithLabelValues(name)}
}

// Ended counts a turn that took so long and ended with err.
func (a *Agent) Ended(took time.Duration, err error) {
	if a == nil {
		return
	}
	outcome := "answered"
	if err != nil {
		outcome = channels.AsError(err).Code.String()
	}
	a.turns.WithLabelValues(outcome).Inc()
	a.times.Observe(took.Seconds())
}
