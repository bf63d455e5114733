package postgres

import (
	"context"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// letter is an entry and its message as it is stored.
type letter struct {
	journal.Entry
	body []byte
}

// Enqueue is journal.Journal's. When it says that the outcome is not known, the messages
// may have been stored; storing them again tells.
func (s *Store) Enqueue(ctx context.Context, es ...journal.Entry) ([]bool, error) {
	letters := make([]letter, len(es))
	o := &operation{needs: needs{numbers: 2 * len(es)}}
	for i, e := range es {
		body, err := journal.EncodeMessage(e.Message)
		if err != nil {
			return nil, err
		}
		letters[i] = letter{e, body}
		o.names = append(o.names, e.Key())
		o.conversations = append(o.conversations, e.Message.Conversation())
	}
	fresh := make([]bool, len(es))
	o.run = func(t *tx) error {
		for i := range letters {
			fresh[i] = s.add(t, &letters[i])
		}
		return nil
	}
	if err := s.do(ctx, o); err != nil {
		return nil, err
	}
	return fresh, nil
}

// add stores a message and reports whether it is new. When the line is idle and
// somebody in Next waits for it, its first attempt is stored with it.
func (s *Store) add(t *tx, l *letter) (fresh bool) {
	now := micro(t.now)
	if d := t.deliveries[l.Key()]; d != nil && d.known(now) {
		return false
	}
	t.deliveries[l.Key()] = &delivery{Key: l.Key(), expires: micro(t.now.Add(l.Window)), changed: true}
	c := t.conversations[l.Message.Conversation()]
	n := t.number()
	r := &row{Conversation: c.Conversation, number: n, position: n, stored: now, body: l.body}
	t.inbox.inserts = append(t.inbox.inserts, r)
	if c.idle() {
		s.inbox.claim(t, c, r, true)
	}
	if c.turn.row != n {
		c.add(&c.turn)
	}
	return true
}

// OpenInbox is journal.Journal's.
func (s *Store) OpenInbox(names ...string) { s.inbox.setOpen(names) }

// Next is journal.Journal's.
func (s *Store) Next(ctx context.Context) (journal.Turn, error) { return s.inbox.take(ctx) }

// beginTurn counts an attempt and reads the message; the first has an event.
func (s *Store) beginTurn(t *tx, r *row, isNew bool) (journal.Turn, error) {
	m, err := journal.DecodeMessage(r.body)
	if err != nil {
		return journal.Turn{}, err
	}
	if r.attempts == 0 {
		notes, err := s.encode(journal.MessageEvent(&m))
		if err != nil {
			return journal.Turn{}, err
		}
		t.note(notes...)
	}
	turn := journal.Turn{Message: m, Attempt: int(r.attempts) + 1, Shown: int(r.shown), Stored: fromMicro(r.stored)}
	if isNew {
		r.attempts++
	} else {
		t.inbox.of(r.number).attempts++
	}
	return turn, nil
}

// Settle is journal.Journal's. When it says that the outcome is not known, the same step
// must be settled again: it is not committed twice.
func (s *Store) Settle(ctx context.Context, c journal.Claim, step journal.Step) error {
	if err := step.Validate(); err != nil {
		return err
	}
	parts, err := encodeParts(step.Parts)
	if err != nil {
		return err
	}
	notes, err := s.encode(step.Events...)
	if err != nil {
		return err
	}
	inDoubt := doubtOf(c, parts, notes, step.End)
	at, held := s.inbox.holder(c)
	if !held {
		return s.fenced(ctx)
	}
	o := locking(at, func(t *tx) error {
		if s.doubts.has(inDoubt) {
			return nil
		}
		conv := t.conversations[at]
		if conv.seat || conv.turn.row != c.Row || conv.turn.token != c.Token {
			return journal.ErrFenced
		}
		s.send(t, parts)
		t.note(notes...)
		if step.Shows() {
			t.inbox.of(c.Row).shown++
		}
		if step.End != nil {
			t.end(conv, c, step.End)
		}
		return nil
	})
	o.numbers = 2*len(parts) + 1
	o.conversations = append(o.conversations, conversationsOf(step.Parts)...)
	o.conversations = append(o.conversations, placesOf(notes)...)
	o.abandoned = func() { s.doubts.add(inDoubt) }
	err = s.do(ctx, o)
	if err == nil {
		s.doubts.remove(inDoubt)
	}
	if (err == nil && step.End != nil) || isFenced(err) {
		s.doubts.forget(c)
		s.inbox.drop(c)
	}
	return err
}

// end ends a turn.
func (t *tx) end(conv *conversation, c journal.Claim, e *journal.End) {
	conv.free(&conv.turn)
	switch e.Outcome {
	case journal.OutcomeRetry:
		due := dueOf(e.At)
		t.inbox.of(c.Row).due = &due
		conv.turn.waits = true
		return
	case journal.OutcomeFailed, journal.OutcomeInterrupted:
		t.inbox.burials = append(t.inbox.burials, burial{t.number(), c.Row, string(e.Outcome), e.Reason})
	}
	t.inbox.gone = append(t.inbox.gone, c.Row)
}

// conversationsOf are those of parts.
func conversationsOf(parts []channels.Part) []channels.Conversation {
	all := make([]channels.Conversation, len(parts))
	for i := range parts {
		all[i] = parts[i].Conversation()
	}
	return all
}

// dueOf is when a row is due that was never tried, whatever becomes of the clock.
func dueOf(at time.Time) int64 {
	if at.IsZero() {
		return 0
	}
	return micro(at)
}
