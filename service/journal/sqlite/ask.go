package sqlite

import (
	"bytes"
	"context"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// Acquire is journal.Journal's.
func (s *Store) Acquire(ctx context.Context, c channels.Conversation, most int) (journal.Lock, error) {
	return s.inbox.Join(ctx, c, most)
}

// Begin is journal.Journal's.
func (s *Store) Begin(
	ctx context.Context, _ journal.Lock, e journal.Entry, digest []byte,
) (asked journal.Asked, known *journal.Known, err error) {
	notes, err := s.notes(journal.MessageEvent(&e.Message))
	if err != nil {
		return asked, nil, err
	}
	err = s.writer.do(ctx, func(t *tx) (err error) {
		known, err = t.lookup.known(context.Background(), e.Key(), t.now)
		if err != nil || known != nil && !failed(known, digest) {
			return err
		}
		known = nil
		asked, err = s.begin(t, e, digest, notes)
		return err
	})
	if err != nil {
		return journal.Asked{}, nil, err
	}
	return asked, known, nil
}

// failed reports whether the turn of a message that says the same has failed.
func failed(known *journal.Known, digest []byte) bool {
	return known.State == journal.StateFailed && bytes.Equal(known.Digest, digest)
}

func (s *Store) begin(t *tx, e journal.Entry, digest []byte, notes []note) (journal.Asked, error) {
	s.lastAsk++
	asked := journal.Asked{Key: e.Key(), Token: s.lastAsk}
	if err := s.note(t, notes); err != nil {
		return asked, err
	}
	event := &t.newest
	if s.textless { // no replies to be found
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
	notes, err := s.notes(step.Events...)
	if err != nil {
		return err
	}
	replies := 0
	for _, n := range notes {
		if n.kind == channels.EventReply {
			replies++
		}
	}
	return s.writer.do(ctx, func(t *tx) error {
		n, err := t.changes(t.stepAsk, step.Shows(), replies, stateAfter(step), a.Key.Channel, a.Key.Sender, a.Key.ID, a.Token)
		switch {
		case err != nil:
			return err
		case n == 0:
			return journal.ErrFenced
		}
		return s.note(t, notes)
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
		known, err = s.reader.lookup.known(ctx, k, time.Now())
		return err
	})
	return known, err
}
