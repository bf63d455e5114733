package memory

import (
	"bytes"
	"context"
	"time"

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
	err = s.write(ctx, func() error {
		if k := s.lookup(e.Key()); k != nil && (k.state != journal.StateFailed || !bytes.Equal(k.digest, digest)) {
			known = k.known()
			return nil
		}
		s.lastToken++
		asked = journal.Asked{Key: e.Key(), Token: s.lastToken}
		s.keys[asked.Key] = &knownMessage{
			expires: time.Now().Add(e.Window), digest: digest, state: journal.StateRunning, token: asked.Token,
		}
		s.appendEvents(journal.MessageEvent(&e.Message))
		return nil
	})
	return asked, known, err
}

// SettleAsk is journal.Journal's.
func (s *Store) SettleAsk(ctx context.Context, a journal.Asked, step journal.Step) error {
	if err := step.ValidateAsk(); err != nil {
		return err
	}
	return s.write(ctx, func() error {
		k := s.keys[a.Key]
		if k == nil || k.token != a.Token || k.state != journal.StateRunning {
			return journal.ErrFenced
		}
		for _, e := range step.Events {
			if e.Kind == channels.EventReply {
				k.replies = append(k.replies, e)
			}
		}
		if s.textless() {
			k.deleteReplies(every)
		}
		if step.End != nil {
			k.state = journal.State(step.End.Outcome)
		}
		s.appendEvents(step.Events...)
		return nil
	})
}

// Recall is journal.Journal's.
func (s *Store) Recall(ctx context.Context, k journal.Key) (known *journal.Known, err error) {
	err = s.read(ctx, func() error {
		if k := s.lookup(k); k != nil {
			known = k.known()
		}
		return nil
	})
	return known, err
}
