package sqlite

import (
	"bytes"
	"context"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// Acquire is journal.Journal's.
func (s *Store) Acquire(ctx context.Context, c channels.Conversation, maxWaiting int) (journal.Lock, error) {
	lock, err := s.inbox.Acquire(ctx, c, maxWaiting)
	lock.Paused = s.paused.Has(c)
	return lock, err
}

// Begin is journal.Journal's.
func (s *Store) Begin(
	ctx context.Context, _ journal.Lock, e journal.Entry, digest []byte,
) (asked journal.Asked, known *journal.Known, err error) {
	events, err := s.encodeEvents(journal.MessageEvent(&e.Message))
	if err != nil {
		return asked, nil, err
	}
	err = s.writer.do(ctx, func(t *tx) (err error) {
		known, err = t.lookup.known(context.Background(), &s.recent, e.Key(), t.now)
		if err != nil || known != nil && !mayBeginAnew(known, digest) {
			return err
		}
		known = nil
		asked, err = s.begin(t, e, digest, events)
		return err
	})
	if err != nil {
		return journal.Asked{}, nil, err
	}
	return asked, known, nil
}

// mayBeginAnew reports whether the turn of a message that says the same has failed.
func mayBeginAnew(known *journal.Known, digest []byte) bool {
	return known.State == journal.StateFailed && bytes.Equal(known.Digest, digest)
}

// begin records that the turn runs, with the message's event.
func (s *Store) begin(t *tx, e journal.Entry, digest []byte, events []journal.EventRow) (journal.Asked, error) {
	s.lastAsk++
	asked := journal.Asked{Key: e.Key(), Token: s.lastAsk}
	if err := s.appendEvents(t, events); err != nil {
		return asked, err
	}
	event := &t.newest
	if s.textless { // its replies are not kept, so that none is looked for
		event = nil
	}
	return asked, t.exec(t.beginAsk, asked.Key.Channel, asked.Key.Sender, asked.Key.ID,
		t.now.Add(e.Window).UnixMicro(), digest, asked.Token, event)
}

// SettleAsk is journal.Journal's.
func (s *Store) SettleAsk(ctx context.Context, a journal.Asked, step journal.Step) error {
	if err := step.ValidateAsk(); err != nil {
		return err
	}
	events, err := s.encodeEvents(step.Events...)
	if err != nil {
		return err
	}
	return s.writer.do(ctx, func(t *tx) error {
		n, err := t.changes(t.stepAsk, step.Shows(), step.Replies(), stateAfter(step),
			a.Key.Channel, a.Key.Sender, a.Key.ID, a.Token)
		switch {
		case err != nil:
			return err
		case n == 0:
			return journal.ErrFenced
		}
		return s.appendEvents(t, events)
	})
}

// stateAfter returns the state that the turn ends in, nil when it goes on.
func stateAfter(step journal.Step) *journal.State {
	if step.End == nil {
		return nil
	}
	state := journal.State(step.End.Outcome)
	return &state
}

// Recall is journal.Journal's.
func (s *Store) Recall(ctx context.Context, k journal.Key) (known *journal.Known, err error) {
	err = s.read(ctx, "message "+k.ID, func() (err error) {
		known, err = s.reader.lookup.known(ctx, &s.recent, k, s.now())
		return err
	})
	return known, err
}
