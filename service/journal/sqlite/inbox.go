package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/scheduler"
)

// Enqueue is journal.Journal's.
func (s *Store) Enqueue(ctx context.Context, es ...journal.Entry) ([]bool, error) {
	rows, err := journal.EncodeEntries(es)
	if err != nil {
		return nil, err
	}
	fresh := make([]bool, len(rows))
	err = s.writer.do(ctx, func(t *tx) (err error) {
		for i := range rows {
			if fresh[i], err = s.add(t, &rows[i]); err != nil {
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

// add stores a message and reports whether it is new. When a caller of Next waits for
// it, its first attempt and that attempt's event are stored in the same transaction: from
// the request to the turn there is one fsync.
func (s *Store) add(t *tx, r *journal.InboxRow) (fresh bool, err error) {
	m := &r.Message
	if fresh, err = t.insertKey(r.Key(), r.Window, nil); !fresh {
		return false, err
	}
	entry := stage(t, s.inbox, m.Conversation())
	var first *journal.Turn
	attempts := 0
	if entry.Assigned() {
		attempts = 1
		first = &journal.Turn{Message: *m, Attempt: 1}
		if err := s.appendFirstAttempt(t, m); err != nil {
			return false, err
		}
	}
	number, err := t.insert(t.addMessage, m.Channel, m.Sender, attempts, t.now.UnixMicro(), r.Body)
	if err != nil {
		return false, err
	}
	if err := t.keepMedia(&r.Entry, number); err != nil {
		return false, err
	}
	t.addedTurns = append(t.addedTurns, addedRow{m.Conversation(), number})
	t.onCommit(func() {
		s.inbox.Confirm(entry, scheduler.Row[*journal.Turn]{
			Conversation: m.Conversation(), Number: number, Position: number, Stored: t.stored, Value: first,
		})
	})
	return true, nil
}

// OpenInbox is journal.Journal's.
func (s *Store) OpenInbox(names ...string) { s.inbox.Open(scheduler.Unlimited(names...)) }

// Next is journal.Journal's.
func (s *Store) Next(ctx context.Context) (journal.Turn, error) {
	for {
		claimed, err := s.inbox.Next(ctx)
		if err != nil {
			return journal.Turn{}, err
		}
		if turn, ok, err := s.claim(ctx, claimed); ok || err != nil {
			turn.Paused = s.paused.Has(turn.Message.Conversation())
			return turn, err
		}
	}
}

// claim counts the attempt durably, unless that happened when the row was stored. It is
// not ok when there is nothing to answer: the row can't be read, or was forgotten before
// the writer came to it.
func (s *Store) claim(
	ctx context.Context, claimed scheduler.Claimed[*journal.Turn],
) (turn journal.Turn, ok bool, err error) {
	if claimed.Assigned {
		turn = *claimed.Value
		turn.Claim, turn.Stored = claimed.Claim, claimed.Stored
		return turn, true, nil
	}
	err = s.writer.do(ctx, func(t *tx) (err error) {
		turn, ok, err = s.attempt(t, claimed.Claim)
		return err
	})
	turn.Stored = claimed.Stored
	if err != nil {
		s.inbox.Retry(claimed.Claim, time.Time{})
		return journal.Turn{}, false, err
	}
	if !ok {
		s.inbox.Done(claimed.Claim)
	}
	return turn, ok, nil
}

// attempt counts an attempt and reads the message. One that can't be read becomes a dead
// letter.
func (s *Store) attempt(t *tx, c journal.Claim) (turn journal.Turn, ok bool, err error) {
	turn.Claim = c
	var begun int // how often an attempt began, deferred ones included
	var body []byte
	err = t.query(t.claimMessage, c.Row).Scan(&turn.Attempt, &begun, &turn.Shown, &body)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return turn, false, nil
	case err != nil:
		return turn, false, err
	}
	if turn.Message, err = journal.DecodeMessage(body); err != nil {
		return turn, false, s.quarantine(t, t.quarantineMessage, t.removeMessage, journal.KindFailed, c.Row)
	}
	if turn.Attempt == 1 && begun == 1 {
		err = s.appendFirstAttempt(t, &turn.Message)
	}
	return turn, err == nil, err
}

// Settle is journal.Journal's.
func (s *Store) Settle(ctx context.Context, c journal.Claim, step journal.Step) error {
	if err := step.Validate(); err != nil {
		return err
	}
	rows, err := journal.EncodeOutgoing(&step)
	if err != nil {
		return err
	}
	events, err := s.encodeEvents(step.Events...)
	if err != nil {
		return err
	}
	return s.writer.do(ctx, func(t *tx) error {
		of, current := s.inbox.ConversationOf(c)
		if t.endedTurns[c.Row] || !current {
			return journal.ErrFenced
		}
		if err := s.addOutgoing(t, &rows); err != nil {
			return err
		}
		if step.Shows() {
			if err := t.exec(t.showMessage, c.Row); err != nil {
				return err
			}
		}
		if err := s.appendEvents(t, events); err != nil || step.End == nil {
			return err
		}
		s.endGrowths(t, of)
		return s.end(t, c, *step.End)
	})
}

// end ends a turn: the message waits for its retry, becomes a dead letter or is deleted.
func (s *Store) end(t *tx, c journal.Claim, e journal.End) error {
	t.endedTurns[c.Row] = true
	switch e.Outcome {
	case journal.OutcomeRetry, journal.OutcomeDeferred:
		t.onCommit(func() { s.inbox.Retry(c, e.At) })
		deferred := e.Outcome == journal.OutcomeDeferred
		return t.exec(t.retryMessage, t.wallTime(e.At), t.now.UnixMicro(), deferred, c.Row)
	case journal.OutcomeDone:
		t.onCommit(func() { s.inbox.Done(c) })
		return t.exec(t.removeMessage, c.Row)
	}
	t.onCommit(func() { s.inbox.Done(c) })
	return s.deadLetterMessage(t, c.Row, string(e.Outcome), e.Reason)
}
