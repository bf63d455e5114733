package memory

import (
	"bytes"
	"context"
	"slices"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// record is what is known of a message by its key.
type record struct {
	expires time.Time
	// digest is nil when the message was stored to be answered.
	digest []byte
	state  journal.State
	token  int64
	// replies are the events of those that its turn gave, forgotten when some are not
	// kept.
	replies   []channels.Event
	forgotten bool
}

// passed reports whether the window has passed. A turn that runs is known in any case.
func (r *record) passed(now time.Time) bool {
	return r.state != journal.StateRunning && !r.expires.After(now)
}

// forget deletes replies.
func (r *record) forget(meant func(channels.Event) bool) {
	n := len(r.replies)
	r.replies = slices.DeleteFunc(r.replies, meant)
	r.forgotten = r.forgotten || len(r.replies) < n
}

// all means every event.
func all(channels.Event) bool { return true }

func (r *record) known() *journal.Known {
	k := &journal.Known{Digest: r.digest, State: r.state, Forgotten: r.forgotten}
	for _, e := range r.replies {
		k.Replies = append(k.Replies, e.Replies)
	}
	return k
}

// lookup returns the record of a key whose window has not passed, nil when there is none.
func (s *Store) lookup(k journal.Key) *record {
	r := s.keys[k]
	if r == nil || r.passed(time.Now()) {
		return nil
	}
	return r
}

// Acquire is journal.Journal's.
func (s *Store) Acquire(ctx context.Context, c channels.Conversation, most int) (journal.Lock, error) {
	return s.inbox.Join(ctx, c, most)
}

// Begin is journal.Journal's.
func (s *Store) Begin(
	ctx context.Context, _ journal.Lock, e journal.Entry, digest []byte,
) (asked journal.Asked, known *journal.Known, err error) {
	err = s.change(ctx, func() error {
		if r := s.lookup(e.Key()); r != nil && (r.state != journal.StateFailed || !bytes.Equal(r.digest, digest)) {
			known = r.known()
			return nil
		}
		s.lastToken++
		asked = journal.Asked{Key: e.Key(), Token: s.lastToken}
		s.keys[asked.Key] = &record{
			expires: time.Now().Add(e.Window), digest: digest, state: journal.StateRunning, token: asked.Token,
		}
		s.note(journal.MessageEvent(&e.Message))
		return nil
	})
	return asked, known, err
}

// SettleAsk is journal.Journal's.
func (s *Store) SettleAsk(ctx context.Context, a journal.Asked, step journal.Step) error {
	if err := step.ValidateAsk(); err != nil {
		return err
	}
	return s.change(ctx, func() error {
		r := s.keys[a.Key]
		if r == nil || r.token != a.Token || r.state != journal.StateRunning {
			return journal.ErrFenced
		}
		for _, e := range step.Events {
			if e.Kind == channels.EventReply {
				r.replies = append(r.replies, e)
			}
		}
		if s.retention == 0 {
			r.forget(all)
		}
		if step.End != nil {
			r.state = journal.State(step.End.Outcome)
		}
		s.note(step.Events...)
		return nil
	})
}

// Recall is journal.Journal's.
func (s *Store) Recall(ctx context.Context, k journal.Key) (known *journal.Known, err error) {
	err = s.change(ctx, func() error {
		if r := s.lookup(k); r != nil {
			known = r.known()
		}
		return nil
	})
	return known, err
}
