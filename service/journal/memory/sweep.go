package memory

import (
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
		old := now.Add(-s.deadRetention())
		swept += sweep(s.dead, limit-swept, func(d *deadLetter) bool { return d.Died.Before(old) })
		swept += s.sweepOffers(limit - swept)
		swept += s.aliases.sweep(now.Add(-journal.AliasAge(s.retention())), limit-swept)
		swept += s.expireMessages(limit - swept)
		swept += s.expireParts(limit - swept)
		swept += s.sweepMedia(now, limit-swept)
		return nil
	})
	return swept, err
}

// expireMessages makes messages dead letters that wait for too long, and returns how many.
func (s *Store) expireMessages(limit int) int {
	stale := s.inbox.TakeStale(s.staleAfter(), limit)
	rows := stale.Rows()
	for _, r := range rows {
		delete(s.messages, r.Number)
		s.addDeadLetter(deadLetter{DeadLetter: expired(journal.DeadLetter{Message: &r.Value.Message}), position: r.Position})
		s.appendEvents(journal.ExpiredEvent(r.Conversation, r.Value.ID, "", time.Now()))
	}
	stale.Done()
	return len(rows)
}

// expired returns the dead letter with what all have that expired.
func expired(d journal.DeadLetter) journal.DeadLetter {
	d.Kind, d.Reason = journal.KindExpired, journal.ReasonExpired
	return d
}

// expireParts does the same to parts.
func (s *Store) expireParts(limit int) int {
	stale := s.outbox.TakeStale(s.staleAfter(), limit)
	rows := stale.Rows()
	for _, r := range rows {
		delete(s.parts, r.Number)
		s.addDeadLetter(deadLetter{DeadLetter: expired(journal.DeadLetter{Part: &r.Value.Part}), position: r.Position})
		s.appendEvents(journal.ExpiredEvent(r.Conversation, "", r.Value.ID, time.Now()))
	}
	stale.Done()
	return len(rows)
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
