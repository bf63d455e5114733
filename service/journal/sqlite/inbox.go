package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"time"

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
		body, err := journal.EncodeMessage(e.Message)
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
// for it, its first attempt is stored with it, and the event that goes with that.
func (s *Store) add(t *tx, l *letter) (fresh bool, err error) {
	m := &l.Message
	if fresh, err = t.rememberKey(l.Key(), l.Window, nil); !fresh {
		return false, err
	}
	place := stage(t, s.inbox, m.Conversation())
	var first *journal.Turn
	attempts := 0
	if place.Taken() {
		attempts = 1
		first = &journal.Turn{Message: *m, Attempt: 1, Stored: t.now}
		if err := s.noteMessage(t, m); err != nil {
			return false, err
		}
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

// OpenInbox is journal.Journal's.
func (s *Store) OpenInbox(names ...string) { s.inbox.Open(names...) }

// Next is journal.Journal's.
func (s *Store) Next(ctx context.Context) (journal.Turn, error) {
	for {
		held, err := s.inbox.Take(ctx)
		if err != nil {
			return journal.Turn{}, err
		}
		if turn, ok, err := s.claim(ctx, held); ok || err != nil {
			return turn, err
		}
	}
}

// claim counts the attempt durably. It is not ok when there is nothing to be answered:
// the row can't be read, or was forgotten before the writer came to it.
func (s *Store) claim(ctx context.Context, held journal.Held[*journal.Turn]) (turn journal.Turn, ok bool, err error) {
	if held.Fresh {
		turn = *held.Value
		turn.Claim = held.Claim
		return turn, true, nil
	}
	err = s.writer.do(ctx, func(t *tx) (err error) {
		turn, ok, err = s.attempt(t, held.Claim)
		return err
	})
	if err != nil {
		s.inbox.Retry(held.Claim, time.Time{})
		return journal.Turn{}, false, err
	}
	if !ok {
		s.inbox.Done(held.Claim)
	}
	return turn, ok, nil
}

// attempt counts an attempt and reads the message; one that can't be read becomes a
// dead letter.
func (s *Store) attempt(t *tx, c journal.Claim) (turn journal.Turn, ok bool, err error) {
	turn.Claim = c
	var stored int64
	var body []byte
	err = t.query(t.claimMessage, c.Row).Scan(&turn.Attempt, &turn.Shown, &stored, &body)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return turn, false, nil
	case err != nil:
		return turn, false, err
	}
	turn.Stored = time.UnixMicro(stored)
	if turn.Message, err = journal.DecodeMessage(body); err != nil {
		return turn, false, s.setAside(t, t.setAsideMessage, t.removeMessage, journal.KindFailed, c.Row)
	}
	if turn.Attempt == 1 {
		err = s.noteMessage(t, &turn.Message)
	}
	return turn, err == nil, err
}

// Settle is journal.Journal's.
func (s *Store) Settle(ctx context.Context, c journal.Claim, step journal.Step) error {
	if err := step.Validate(); err != nil {
		return err
	}
	parts, err := encodeParts(step.Parts)
	if err != nil {
		return err
	}
	notes, err := s.notes(step.Events...)
	if err != nil {
		return err
	}
	return s.writer.do(ctx, func(t *tx) error {
		if t.endedTurns[c.Row] || !s.inbox.Holds(c) {
			return journal.ErrFenced
		}
		if err := s.addParts(t, parts); err != nil {
			return err
		}
		if step.Shows() {
			if err := t.exec(t.showMessage, c.Row); err != nil {
				return err
			}
		}
		if err := s.note(t, notes); err != nil || step.End == nil {
			return err
		}
		return s.end(t, c, *step.End)
	})
}

// end ends a turn.
func (s *Store) end(t *tx, c journal.Claim, e journal.End) error {
	t.endedTurns[c.Row] = true
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
