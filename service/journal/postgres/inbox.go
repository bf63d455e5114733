package postgres

import (
	"context"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// encodedEntry is an entry and its message as it is stored.
type encodedEntry struct {
	journal.Entry
	body []byte
}

// Enqueue is journal.Journal's. When it says that the outcome is not known, the messages
// may have been stored; storing them again tells.
func (s *Store) Enqueue(ctx context.Context, es ...journal.Entry) ([]bool, error) {
	entries := make([]encodedEntry, len(es))
	o := &operation{needs: needs{numbers: 2 * len(es)}}
	for i, e := range es {
		body, err := journal.EncodeMessage(e.Message)
		if err != nil {
			return nil, err
		}
		entries[i] = encodedEntry{e, body}
		o.keys = append(o.keys, e.Key())
		o.conversations = append(o.conversations, e.Message.Conversation())
	}
	fresh := make([]bool, len(es))
	o.apply = func(t *tx) error {
		for i := range entries {
			fresh[i] = s.storeMessage(t, &entries[i])
		}
		return nil
	}
	if err := s.commit(ctx, o); err != nil {
		return nil, err
	}
	return fresh, nil
}

// storeMessage stores a message and reports whether it is new. When the line is idle and
// somebody in Next waits for it, its first attempt is stored with it.
func (s *Store) storeMessage(t *tx, l *encodedEntry) (fresh bool) {
	now := micro(t.now)
	if d := t.dedupe[l.Key()]; d != nil && d.isKnown(now) {
		return false
	}
	t.dedupe[l.Key()] = &dedupeRow{Key: l.Key(), expires: micro(t.now.Add(l.Window)), changed: true}
	c := t.conversations[l.Message.Conversation()]
	n := t.number()
	r := &row{Conversation: c.Conversation, number: n, position: n, stored: now, body: l.body}
	t.inbox.inserts = append(t.inbox.inserts, r)
	if c.isIdle() {
		s.inbox.claim(t, c, r, true)
	}
	if c.inbox.row != n {
		c.add(&c.inbox)
	}
	return true
}

// OpenInbox is journal.Journal's.
func (s *Store) OpenInbox(names ...string) { s.inbox.setOpen(names) }

// Next is journal.Journal's.
func (s *Store) Next(ctx context.Context) (journal.Turn, error) { return s.inbox.consume(ctx) }

// beginTurn counts an attempt and reads the message; the first has an event.
func (s *Store) beginTurn(t *tx, r *row, isNew bool) (journal.Turn, error) {
	m, err := journal.DecodeMessage(r.body)
	if err != nil {
		return journal.Turn{}, err
	}
	if r.attempts == 0 {
		events, err := s.encodeEvents(journal.MessageEvent(&m))
		if err != nil {
			return journal.Turn{}, err
		}
		t.appendEvents(events...)
	}
	turn := journal.Turn{Message: m, Attempt: int(r.attempts) + 1, Shown: int(r.shown), Stored: fromMicro(r.stored)}
	if isNew {
		r.attempts++
	} else {
		t.inbox.updateOf(r.number).attempts++
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
	events, err := s.encodeEvents(step.Events...)
	if err != nil {
		return err
	}
	id := newStepID(c, parts, events, step.End)
	at, held := s.inbox.conversationOf(c)
	if !held {
		return s.fencedOrEnded(ctx)
	}
	o := locking(at, func(t *tx) error {
		if s.unknownSteps.has(id) {
			return nil
		}
		conv := t.conversations[at]
		if conv.byCaller || conv.inbox.row != c.Row || conv.inbox.token != c.Token {
			return journal.ErrFenced
		}
		s.storeParts(t, parts)
		t.appendEvents(events...)
		if step.Shows() {
			t.inbox.updateOf(c.Row).shown++
		}
		if step.End != nil {
			t.endTurn(conv, c, step.End)
		}
		return nil
	})
	o.numbers = 2*len(parts) + 1
	o.conversations = append(o.conversations, conversationsOf(step.Parts)...)
	o.conversations = append(o.conversations, conversationsToLock(events)...)
	o.onLateCommit = func() { s.unknownSteps.add(id) }
	err = s.commit(ctx, o)
	if err == nil {
		s.unknownSteps.remove(id)
	}
	if (err == nil && step.End != nil) || isFenced(err) {
		s.unknownSteps.forget(c)
		s.inbox.forget(c)
	}
	return err
}

// endTurn ends a turn.
func (t *tx) endTurn(conv *conversation, c journal.Claim, e *journal.End) {
	conv.free(&conv.inbox)
	switch e.Outcome {
	case journal.OutcomeRetry:
		due := dueOf(e.At)
		t.inbox.updateOf(c.Row).due = &due
		conv.inbox.hasWaiting = true
		return
	case journal.OutcomeFailed, journal.OutcomeInterrupted:
		t.inbox.deadLetters = append(t.inbox.deadLetters, deadLetter{t.number(), c.Row, string(e.Outcome), e.Reason})
	}
	t.inbox.removed = append(t.inbox.removed, c.Row)
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
