package memory

import (
	"context"
	"slices"

	"github.com/manyvox/manyvox/channels"
)

// Forget is journal.Journal's.
func (s *Store) Forget(ctx context.Context, c channels.Conversation) (n int, err error) {
	err = s.write(ctx, func() error {
		s.inbox.Drop(c)
		s.outbox.Drop(c)
		n = deleteMatching(s.messages, func(m *message) bool { return m.Conversation() == c })
		n += deleteMatching(s.parts, func(p *part) bool { return p.Conversation() == c })
		n += deleteMatching(s.dead, func(d *deadLetter) bool { return d.conversation() == c })
		n += deleteMatching(s.media, func(m *medium) bool { return m.Channel == c.Channel && m.Sender == c.Sender })
		kept := len(s.events.kept)
		s.events.kept = slices.DeleteFunc(s.events.kept, func(e channels.Event) bool { return e.Conversation() == c })
		n += kept - len(s.events.kept)
		if _, known := s.addresses[c]; known {
			delete(s.addresses, c)
			n++
		}
		if s.paused.Remove(c) {
			n++
		}
		n += s.aliases.forget(c)
		n += len(s.offers[c])
		delete(s.offers, c)
		for key, k := range s.keys {
			if key.Channel == c.Channel && key.Sender == c.Sender {
				k.deleteReplies(every)
			}
		}
		return nil
	})
	return n, err
}

// deleteMatching deletes the values that match and returns how many there were.
func deleteMatching[K comparable, V any](m map[K]V, match func(V) bool) (n int) {
	for k, v := range m {
		if match(v) {
			delete(m, k)
			n++
		}
	}
	return n
}
