package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/manyvox/manyvox/channels"
)

// Agent counts the turns of one agent. A nil Agent counts nothing.
type Agent struct {
	turns, tokens *prometheus.CounterVec
	times         prometheus.Observer
}

// Agent returns the counters of an agent, nil of one without a name.
func (m *Metrics) Agent(name string) *Agent {
	if m == nil || name == "" {
		return nil
	}
	agent := prometheus.Labels{"agent": name}
	return &Agent{turns: m.agentTurns.MustCurryWith(agent), tokens: m.agentTokens.MustCurryWith(agent), times: m.agentTime.WithLabelValues(name)}
}

// Spent counts the tokens that a turn has cost. What is less than nothing counts for nothing.
func (a *Agent) Spent(prompt, completion int64) {
	if a == nil {
		return
	}
	a.tokens.WithLabelValues("prompt").Add(float64(max(0, prompt)))
	a.tokens.WithLabelValues("completion").Add(float64(max(0, completion)))
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
