package memory

import (
	"context"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// Sweep is journal.Journal's.
func (s *Store) Sweep(ctx context.Context, limit int) (swept int, err error) {
	err = s.change(ctx, func() error {
		now := time.Now()
		old := now.Add(-s.keeps())
		for _, r := range s.keys {
			r.forget(func(e channels.Event) bool { return e.Time.Before(old) })
		}
		swept = s.events.sweep(old, limit)
		swept += sweep(s.keys, limit-swept, func(r *record) bool { return r.passed(now) })
		swept += sweep(s.addresses, limit-swept, func(a address) bool { return a.seen.Before(old) })
		return nil
	})
	return swept, err
}

// sweep deletes up to limit of what is old.
func sweep[K comparable, V any](m map[K]V, limit int, old func(V) bool) (swept int) {
	for k, v := range m {
		if swept < limit && old(v) {
			delete(m, k)
			swept++
		}
	}
	return swept
}

// keeps is how long events are kept.
func (s *Store) keeps() time.Duration {
	if s.retention == 0 {
		return journal.DefaultRetention
	}
	return s.retention
}
