package metrics

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Metrics are the metrics of one program.
type Metrics struct {
	registry *prometheus.Registry

	received, refused, stored, turns, replies, attempts, sent, repeated, deadLetters, eventsDropped *prometheus.CounterVec

	agentTurns, agentTokens *prometheus.CounterVec

	queueWait, firstReply, turnTime, agentTime *prometheus.HistogramVec

	streams *prometheus.GaugeVec
	calls   callVecs
}

// Sources are the numbers that others keep and a scrape reads.
type Sources struct {
	// Asks returns how many callers wait for replies.
	Asks func() float64
	// AgentBreakers returns the names of the agents in use, and whether the breaker of each is
	// open.
	AgentBreakers func() map[string]bool
	// AgentCallsLeftBehind returns how many calls of the agent outlived their time.
	AgentCallsLeftBehind func() float64
	// JournalErrors returns how many write transactions of the journal failed.
	JournalErrors func() float64
	// Journal tells how much waits.
	Journal Journal
	// Senders returns the names of the channels that can send, of which something can wait.
	Senders func() []string
}

// New returns metrics that all stand at zero.
func New(from Sources) *Metrics {
	m := &Metrics{registry: prometheus.NewRegistry()}
	m.received = m.counter("messages_received_total",
		`Messages let in: by "ask", whose caller waits for the replies, or by "post", which are stored first.`, "channel", "way")
	m.refused = m.counter("messages_refused_total", "Messages turned away before their turn, by the code of the error.", "channel", "code")
	m.stored = m.counter("messages_stored_total", `Messages of platforms: "stored", or "duplicate" when it was known already.`, "channel", "outcome")
	m.turns = m.counter("turns_total", `Turns by outcome: "answered", "silent" (the agent said nothing) or the code of the error.`, "channel", "outcome")
	m.replies = m.counter("replies_total", "Replies that the agent gave, each of one kind.", "channel", "kind")
	m.attempts = m.counter("deliveries_total", `Attempts to send a part by class: "sent", or what went wrong.`, "channel", "class")
	m.sent = m.counter("parts_sent_total", "Parts that the platform took.", "channel", "kind")
	m.repeated = m.counter("parts_repeated_total",
		"Parts that were sent although a program that ended may have sent them: readers may see them twice.", "channel")
	m.deadLetters = m.counter("dead_letters_total", "Messages and parts that were given up, by kind.", "channel", "kind")
	m.eventsDropped = m.counter("events_dropped_total", "Events that were not written since too many waited; a gap event stands in their place.", "channel")
	m.agentTurns = m.counter("agent_turns_total", `Turns of each agent by outcome: "answered" or the code of the error.`, "agent", "outcome")
	m.agentTokens = m.counter("agent_tokens_total",
		`Tokens that the turns of each agent have cost, as its server counts them: "prompt", which it was given, and "completion", which it wrote.`, "agent", "kind")
	m.queueWait = m.histogram("queue_wait_seconds", "Time from a message's arrival to the start of its first turn.", "channel")
	m.firstReply = m.histogram("first_reply_seconds", "Time from the start of a turn to the first thing the agent says, a piece of a reply included.", "channel")
	m.turnTime = m.histogram("turn_seconds", "Time from the start of a turn to its end, whatever the outcome.", "channel")
	m.agentTime = m.histogram("agent_turn_seconds", "Time from the start of an agent's turn to its end, whatever the outcome.", "agent")
	m.streams = prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "manyvox_streams_open", Help: "Callers that are shown each reply as it comes.",
	}, []string{"channel"})
	m.calls = newCallVecs(m)
	asks := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "manyvox_asks", Help: "Messages waiting for replies or being answered.",
	}, from.Asks)
	agentCalls := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "manyvox_agent_calls_left_behind",
		Help: "Calls of the agent that have not returned although their time was over. Each keeps its place among the turns or callers.",
	}, from.AgentCallsLeftBehind)
	journalErrors := prometheus.NewCounterFunc(prometheus.CounterOpts{
		Name: "manyvox_journal_errors_total", Help: "Changes that the journal could not commit.",
	}, from.JournalErrors)
	m.registry.MustRegister(m.streams, asks, agentCalls, journalErrors, newDepths(from.Journal, from.Senders), newBreakers(from.AgentBreakers))
	return m
}

func (m *Metrics) counter(name, help string, labels ...string) *prometheus.CounterVec {
	c := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "manyvox_" + name, Help: help}, labels)
	m.registry.MustRegister(c)
	return c
}

// histogram has buckets from a cached answer to the slowest agent: a turn may take
// minutes.
func (m *Metrics) histogram(name, help, label string) *prometheus.HistogramVec {
	h := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "manyvox_" + name, Help: help,
		Buckets: []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 120, 300},
	}, []string{label})
	m.registry.MustRegister(h)
	return h
}

// Handler serves the metrics in Prometheus' text format. It asks for no token.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

// Describe returns a description of each metric, whether it has counted anything yet or
// not.
func (m *Metrics) Describe() (list []string) {
	descriptions := make(chan *prometheus.Desc)
	go func() {
		m.registry.Describe(descriptions)
		close(descriptions)
	}()
	for d := range descriptions {
		list = append(list, d.String())
	}
	return list
}
