package postgres

import (
	"log/slog"
	"sync"
	"time"
)

// An outage is one to the log, however many calls fail in it: a line when it begins, further
// ones at growing intervals, and one when it is over.

const (
	firstReminder  = 10 * time.Second
	longestSilence = 10 * time.Minute
)

// outage logs what fails for want of the database. It is of one kind of work, whose calls
// tell it how they ended.
type outage struct {
	log *slog.Logger
	// what is what can't be done meanwhile.
	what string

	mu sync.Mutex
	// since is when it began, zero when there is none; failures are those since then.
	since    time.Time
	failures int
	// next is when the next line is due, interval that between it and the one before.
	next     time.Time
	interval time.Duration
}

func newOutage(log *slog.Logger, what string) *outage { return &outage{log: log, what: what} }

// report takes the error of a call, nil when it succeeded.
func (o *outage) report(err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	now := time.Now()
	switch {
	case err == nil && o.failures > 0:
		o.log.Info("journal postgres: "+o.what+": works again", "after", now.Sub(o.since).Round(time.Second), "failures", o.failures)
		o.failures = 0
	case err == nil:
	case o.failures == 0:
		o.since, o.failures, o.interval = now, 1, firstReminder
		o.next = now.Add(o.interval)
		o.log.Warn("journal postgres: "+o.what+": fails", "error", err)
	default:
		if o.failures++; now.Before(o.next) {
			return
		}
		o.interval = min(2*o.interval, longestSilence)
		o.next = now.Add(o.interval)
		o.log.Warn("journal postgres: "+o.what+": still fails", "error", err,
			"since", now.Sub(o.since).Round(time.Second), "failures", o.failures)
	}
}
