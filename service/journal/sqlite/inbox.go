package sqlite

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

// Enqueue is journal.Journal's.
func (s *Store) Enqueue(ctx context.Context, es ...journal.Entry) ([]bool, error) {
	letters := make([]letter, len(es))
	for i, e := range es {
		body, err := encodeMessage(e.Message)
		if err != nil {
			return nil, err
		}
		letters[i] = letter{e, body}
	}
	fresh := make([]bool, len(es))
	err := s.writer.do(ctx, func(t *tx) (err error) {
		for i := range letters {
			if fresh[i], err = s.add(t, &letters[i]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return fresh, nil
}

// add stores a message and reports whether it is new. When somebody in Next waits
// for it, its first attempt is stored with it.
func (s *Store) add(t *tx, l *letter) (fresh bool, err error) {
	m := &l.Message
	n, err := t.changes(t.remember, m.Channel, m.Sender, m.ID, t.now.Add(l.Window).UnixMicro(), t.now.UnixMicro())
	if err != nil || n == 0 {
		return false, err
	}
	place := stage(t, s.inbox, m.Conversation())
	var first *journal.Turn
	attempts := 0
	if place.Taken() {
		attempts = 1
		first = &journal.Turn{Message: *m, Attempt: 1, Stored: t.now}
	}
	row, err := t.insert(t.addMessage, m.Channel, m.Sender, attempts, t.now.UnixMicro(), l.body)
	if err != nil {
		return false, err
	}
	t.onCommit(func() {
		s.inbox.Confirm(place, journal.Row[*journal.Turn]{
			Conversation: m.Conversation(), Number: row, Position: row, Value: first,
		})
	})
	return true, nil
}

// Join is journal.Journal's.
func (s *Store) Join(ctx context.Context, c channels.Conversation, most int) (leave func(), err error) {
	return s.inbox.Join(ctx, c, most)
}

// OpenInbox is journal.Journal's.
func (s *Store) OpenInbox(names ...string) { s.inbox.Open(names...) }

// Next is journal.Journal's.
func (s *Store) Next(ctx context.Context) (journal.Turn, error) {
	held, err := s.inbox.Take(ctx)
	if err != nil {
		return journal.Turn{}, err
	}
	if held.Fresh {
		turn := *held.Value
		turn.Claim = held.Claim
		return turn, nil
	}
	turn := journal.Turn{Claim: held.Claim}
	if err := s.writer.do(ctx, func(t *tx) error { return t.claim(&turn) }); err != nil {
		s.inbox.Retry(held.Claim, time.Time{})
		return journal.Turn{}, err
	}
	return turn, nil
}

// claim counts an attempt and reads the message.
func (t *tx) claim(turn *journal.Turn) (err error) {
	var stored int64
	var body []byte
	if err := t.query(t.claimMessage, turn.Row).Scan(&turn.Attempt, &turn.Shown, &stored, &body); err != nil {
		return err
	}
	turn.Stored = time.UnixMicro(stored)
	turn.Message, err = decodeMessage(body)
	return err
}

// Settle is journal.Journal's.
func (s *Store) Settle(ctx context.Context, c journal.Claim, step journal.Step) error {
	if err := step.Validate(); err != nil {
		return err
	}
	bodies := make([][]byte, len(step.Parts))
	for i, p := range step.Parts {
		body, err := encodePart(p)
		if err != nil {
			return err
		}
		bodies[i] = body
	}
	return s.writer.do(ctx, func(t *tx) error {
		if t.endedTurns[c] || !s.inbox.Holds(c) {
			return journal.ErrFenced
		}
		if err := s.show(t, c, step.Parts, bodies); err != nil || step.End == nil {
			return err
		}
		return s.end(t, c, *step.End)
	})
}

// show stores the parts of a step.
func (s *Store) show(t *tx, c journal.Claim, parts []channels.Part, bodies [][]byte) error {
	for i := range parts {
		if err := s.addPart(t, &parts[i], bodies[i]); err != nil {
			return err
		}
	}
	if len(parts) == 0 {
		return nil
	}
	return t.exec(t.showMessage, c.Row)
}

// end ends a turn.
func (s *Store) end(t *tx, c journal.Claim, e journal.End) error {
	t.endedTurns[c] = true
	if e.Outcome == journal.OutcomeRetry {
		t.onCommit(func() { s.inbox.Retry(c, e.At) })
		return t.exec(t.retryMessage, e.At.UnixMicro(), c.Row)
	}
	if e.Outcome != journal.OutcomeDone {
		if err := t.exec(t.buryMessage, e.Outcome, e.Reason, t.now.UnixMicro(), c.Row); err != nil {
			return err
		}
		t.onCommit(func() { s.dead.Add(1) })
	}
	t.onCommit(func() { s.inbox.Done(c) })
	return t.exec(t.removeMessage, c.Row)
}
