package memory

import (
	"cmp"
	"context"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// Sweep is journal.Journal's.
func (s *Store) Sweep(ctx context.Context, limit int) (swept int, err error) {
	err = s.write(ctx, func() error {
		now := time.Now()
		before := now.Add(-s.retention())
		for _, k := range s.keys {
			k.deleteReplies(func(e channels.Event) bool { return e.Time.Before(before) })
		}
		swept = s.events.sweep(before, limit)
		swept += sweep(s.keys, limit-swept, func(k *knownMessage) bool { return k.expired(now) })
		swept += sweep(s.addresses, limit-swept, func(a address) bool { return a.seen.Before(before) })
		return nil
	})
	return swept, err
}

// sweep deletes up to limit values that are old, and returns how many.
func sweep[K comparable, V any](m map[K]V, limit int, old func(V) bool) (swept int) {
	for k, v := range m {
		if swept < limit && old(v) {
			delete(m, k)
			swept++
		}
	}
	return swept
}

// retention is how long events are kept.
func (s *Store) retention() time.Duration { return cmp.Or(s.env.Retention, journal.DefaultRetention) }
