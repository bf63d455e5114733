package metrics

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/manyvox/manyvox/service/journal"
)

// depthTimeout bounds how long a scrape waits for the journal.
const depthTimeout = time.Second

// Journal is what a scrape asks of the journal.
type Journal interface {
	Depth(ctx context.Context) (journal.Depth, error)
	Waiting(ctx context.Context) (map[string]journal.Waiting, error)
}

// depths show at each scrape how much waits in the journal, and nothing when the
// journal fails: an old number would look like a new one.
type depths struct {
	journal                    Journal
	senders                    func() []string
	inbox, outbox, deadLetters *prometheus.Desc
}

func newDepths(j Journal, senders func() []string) *depths {
	channel := []string{"channel"}
	return &depths{
		journal: j, senders: senders,
		inbox: prometheus.NewDesc("manyvox_inbox_depth", "Stored messages that wait for their turn or have it.", channel, nil),
		outbox: prometheus.NewDesc("manyvox_outbox_depth",
			"Parts that wait to be sent or are on their way, also of channels that are configured no more.", channel, nil),
		deadLetters: prometheus.NewDesc("manyvox_dead_letters_depth", "Messages and parts that were given up and can be replayed.", nil, nil),
	}
}

// Describe is prometheus.Collector's.
func (d *depths) Describe(to chan<- *prometheus.Desc) {
	to <- d.inbox
	to <- d.outbox
	to <- d.deadLetters
}

// Collect is prometheus.Collector's.
func (d *depths) Collect(to chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), depthTimeout)
	defer cancel()
	gauge := func(desc *prometheus.Desc, n int, labels ...string) {
		to <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, float64(n), labels...)
	}
	if depth, err := d.journal.Depth(ctx); err == nil {
		gauge(d.deadLetters, depth.DeadLetters)
	}
	waiting, err := d.journal.Waiting(ctx)
	if err != nil {
		return
	}
	for name, w := range d.complete(waiting) {
		gauge(d.inbox, w.Inbox, name)
		gauge(d.outbox, w.Outbox, name)
	}
}

// complete adds the channels of which nothing waits, though something could.
func (d *depths) complete(waiting map[string]journal.Waiting) map[string]journal.Waiting {
	all := map[string]journal.Waiting{}
	for _, name := range d.senders() {
		all[name] = journal.Waiting{}
	}
	for name, w := range waiting {
		all[name] = w
	}
	return all
}

var _ prometheus.Collector = (*depths)(nil)
