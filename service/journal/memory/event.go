package memory

import (
	"context"
	"slices"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// mostEvents is how many events are kept at least and, twice as many, at most.
const mostEvents = 10_000

// events are the newest events.
type events struct {
	kept []channels.Event
	last int64
	// swept is the cursor of the newest event that was deleted for its age.
	swept   int64
	changed journal.Broadcast
}

// address is where a conversation's last message came from.
type address struct {
	address string
	seen    time.Time
}

// note appends events, as much of them as is to be kept.
func (s *Store) note(es ...channels.Event) {
	if len(es) == 0 {
		return
	}
	for _, e := range es {
		if e.Kind == channels.EventMessage && e.Message != nil {
			s.addresses[e.Conversation()] = address{e.Message.Address, e.Time}
		}
		if s.retention == 0 {
			e = e.WithoutText()
		}
		s.events.add(e)
	}
	s.events.changed.Send()
}

func (l *events) add(e channels.Event) {
	l.last++
	e.Cursor = l.last
	l.kept = append(l.kept, e)
	if len(l.kept) > 2*mostEvents {
		l.drop(mostEvents)
	}
}

// sweep deletes up to limit events from before old.
func (l *events) sweep(old time.Time, limit int) int {
	n := slices.IndexFunc(l.kept, func(e channels.Event) bool { return !e.Time.Before(old) })
	if n < 0 {
		n = len(l.kept)
	}
	n = min(n, limit)
	l.drop(n)
	return n
}

// drop deletes the n oldest.
func (l *events) drop(n int) {
	if n > 0 {
		l.swept = l.kept[n-1].Cursor
		l.kept = slices.Clone(l.kept[n:])
	}
}

// AppendEvents is journal.Journal's.
func (s *Store) AppendEvents(ctx context.Context, es ...channels.Event) error {
	return s.change(ctx, func() error {
		s.note(es...)
		return nil
	})
}

// History is journal.Journal's.
func (s *Store) History(ctx context.Context, c channels.Conversation, n int) (history []channels.Event, err error) {
	err = s.change(ctx, func() error {
		for _, e := range slices.Backward(s.events.kept) {
			if len(history) < n && e.Conversation() == c && (e.Kind == channels.EventMessage || e.Kind == channels.EventReply) {
				history = append(history, e)
			}
		}
		slices.Reverse(history)
		return nil
	})
	return history, err
}

// Events is journal.Journal's.
func (s *Store) Events(ctx context.Context, f journal.EventFilter, after int64, limit int) (page journal.EventPage, err error) {
	err = s.change(ctx, func() error {
		if after >= 0 && after < s.events.swept {
			return &journal.SweptError{Oldest: s.events.swept}
		}
		page = s.events.list(f, after, limit)
		return nil
	})
	return page, err
}

func (l *events) list(f journal.EventFilter, after int64, limit int) journal.EventPage {
	page := journal.EventPage{Next: max(after, l.last)}
	for _, e := range l.kept {
		if e.Cursor <= after || !f.Lets(&e) {
			continue
		}
		if len(page.Events) == limit {
			page.Next, page.More = page.Events[limit-1].Cursor, true
			break
		}
		page.Events = append(page.Events, e)
	}
	return page
}

// Newest is journal.Journal's.
func (s *Store) Newest(ctx context.Context) (cursor int64, err error) {
	err = s.change(ctx, func() error {
		cursor = s.events.last
		return nil
	})
	return cursor, err
}

// Changed is journal.Journal's.
func (s *Store) Changed() <-chan struct{} { return s.events.changed.Wait() }

// Forget is journal.Journal's.
func (s *Store) Forget(ctx context.Context, c channels.Conversation) (n int, err error) {
	err = s.change(ctx, func() error {
		s.inbox.Drop(c)
		s.outbox.Drop(c)
		n = remove(s.messages, func(m *message) bool { return m.Conversation() == c })
		n += remove(s.parts, func(p *part) bool { return p.Conversation() == c })
		n += remove(s.dead, func(d *deadLetter) bool { return d.conversation() == c })
		kept := len(s.events.kept)
		s.events.kept = slices.DeleteFunc(s.events.kept, func(e channels.Event) bool { return e.Conversation() == c })
		n += kept - len(s.events.kept)
		if _, known := s.addresses[c]; known {
			delete(s.addresses, c)
			n++
		}
		for k, r := range s.keys {
			if k.Channel == c.Channel && k.Sender == c.Sender {
				r.forget(all)
			}
		}
		return nil
	})
	return n, err
}

// remove deletes what is meant and returns how much that was.
func remove[K comparable, V any](m map[K]V, meant func(V) bool) (n int) {
	for k, v := range m {
		if meant(v) {
			delete(m, k)
			n++
		}
	}
	return n
}
