package memory

import (
	"context"
	"slices"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// minEvents is how many of the newest events are kept. The oldest are deleted, minEvents
// at a time, once there are twice as many: the others are moved then.
const minEvents = 10_000

// events are the newest events.
type events struct {
	kept []channels.Event
	// last is the highest cursor that was given.
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

// appendEvents appends events, without their text when the store keeps none. A message's
// address is that of its conversation from then on.
func (s *Store) appendEvents(es ...channels.Event) {
	if len(es) == 0 {
		return
	}
	for _, e := range es {
		if at, ok := journal.AddressOf(&e); ok {
			s.addresses[e.Conversation()] = address{at, e.Time}
		}
		if s.textless() {
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
	if len(l.kept) > 2*minEvents {
		l.deleteOldest(minEvents)
	}
}

// sweep deletes up to limit events that are older than before, and returns how many.
func (l *events) sweep(before time.Time, limit int) int {
	n := slices.IndexFunc(l.kept, func(e channels.Event) bool { return !e.Time.Before(before) })
	if n < 0 {
		n = len(l.kept)
	}
	n = min(n, limit)
	l.deleteOldest(n)
	return n
}

// deleteOldest deletes the n oldest.
func (l *events) deleteOldest(n int) {
	if n > 0 {
		l.swept = l.kept[n-1].Cursor
		l.kept = slices.Delete(l.kept, 0, n)
	}
}

// AppendEvents is journal.Journal's.
func (s *Store) AppendEvents(ctx context.Context, es ...channels.Event) error {
	return s.write(ctx, func() error {
		s.appendEvents(es...)
		return nil
	})
}

// History is journal.Journal's.
func (s *Store) History(ctx context.Context, c channels.Conversation, n int) (history []channels.Event, err error) {
	err = s.read(ctx, func() error {
		size := 0
		for _, e := range slices.Backward(s.events.kept) {
			if len(history) < n && size < journal.PageBytes && e.Conversation() == c &&
				(e.Kind == channels.EventMessage || e.Kind == channels.EventReply) {
				history, size = append(history, e), size+e.Size()
			}
		}
		slices.Reverse(history)
		return nil
	})
	return history, err
}

// Events is journal.Journal's.
func (s *Store) Events(ctx context.Context, f journal.EventFilter, after int64, limit int) (page journal.EventPage, err error) {
	err = s.read(ctx, func() error {
		if after >= 0 && after < s.events.swept {
			return &journal.SweptError{Oldest: s.events.swept}
		}
		list, full := s.events.list(f, after, limit+1)
		page = journal.PageOf(list, full, after, s.events.last, limit)
		return nil
	})
	return page, err
}

// list returns up to limit events above the cursor after. Full says that it has ended because
// they hold journal.PageBytes.
func (l *events) list(f journal.EventFilter, after int64, limit int) (list []channels.Event, full bool) {
	size := 0
	for _, e := range l.kept {
		if e.Cursor <= after || !f.Lets(&e) {
			continue
		}
		if size += e.Size(); len(list)+1 == limit || size >= journal.PageBytes {
			return append(list, e), len(list)+1 < limit
		}
		list = append(list, e)
	}
	return list, false
}

// Newest is journal.Journal's.
func (s *Store) Newest(ctx context.Context) (cursor int64, err error) {
	err = s.read(ctx, func() error {
		cursor = s.events.last
		return nil
	})
	return cursor, err
}

// Changed is journal.Journal's.
func (s *Store) Changed() <-chan struct{} { return s.events.changed.Wait() }
