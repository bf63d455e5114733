package metrics

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/manyvox/manyvox/channels"
)

// callVecs are the metrics of the calls of platforms, by channel.
type callVecs struct {
	live                *prometheus.CounterVec
	leftBehind, growing *prometheus.GaugeVec
}

func newCallVecs(m *Metrics) callVecs {
	v := callVecs{
		live: m.counter("live_calls_total",
			`Calls for replies that grow: "open", "append" or "close", by class: "done", or what went wrong.`, "channel", "call", "class"),
		leftBehind: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "manyvox_sends_left_behind",
			Help: "Calls of a channel that send, or let a reply grow, and have not returned although their time was over: each takes one of the channel's slots.",
		}, []string{"channel"}),
		growing: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "manyvox_replies_growing", Help: "Replies that grow on their platform, or wait for it to let them begin.",
		}, []string{"channel"}),
	}
	m.registry.MustRegister(v.leftBehind, v.growing)
	return v
}

// calls are the metrics of the calls of one channel's platform.
type calls struct {
	live                *prometheus.CounterVec
	leftBehind, growing prometheus.Gauge
}

func (v callVecs) of(name string) calls {
	return calls{
		live:       v.live.MustCurryWith(prometheus.Labels{"channel": name}),
		leftBehind: v.leftBehind.WithLabelValues(name), growing: v.growing.WithLabelValues(name),
	}
}

// LiveCall counts a call for a reply that grows, and how it ended.
func (c *Channel) LiveCall(call string, err error) {
	class := "done"
	if err != nil {
		class = string(channels.AsSendError(err).Class)
	}
	c.calls.live.WithLabelValues(call, class).Inc()
}

// Growing adds to the number of replies that grow.
func (c *Channel) Growing(n int) { c.calls.growing.Add(float64(n)) }

// LeftBehind adds to the number of calls that outlived their context.
func (c *Channel) LeftBehind(n int) { c.calls.leftBehind.Add(float64(n)) }
