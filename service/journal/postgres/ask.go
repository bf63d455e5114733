package postgres

import (
	"bytes"
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// A message whose caller waits is not stored in the inbox. Its caller acquires the
// conversation's lock (waiter.go), begins the turn under it, and settles it step by step;
// what is kept is a row by its key. Two tokens are checked. Begin wants the lock: the claim
// that Acquire returned must still be the conversation's. SettleAsk wants the turn: its token
// must be the row's, and the turn must run. It does not want the lock, so that a turn whose
// replica lost its lease can still be recorded as long as nobody has ended it.
//
// When the replica of a turn dies, nobody has to notice. The row says which replica it was,
// and whoever reads it next finds the lease over and ends the turn.

// lookUp returns what is known of a key, nil when nothing is. The turn of a process that
// died is ended with that.
func (t *tx) lookUp(k journal.Key) *dedupeRow {
	d := t.dedupe[k]
	if d == nil {
		return nil
	}
	if d.endOrphaned() {
		d.changed = true
	}
	if !d.isKnown(micro(t.now)) {
		return nil
	}
	return d
}

// Begin is journal.Journal's. It decides under the lock of the conversation, so of two
// callers with one key, at whichever replicas, one begins and the other gets what is known.
func (s *Store) Begin(
	ctx context.Context, lock journal.Lock, e journal.Entry, digest []byte,
) (asked journal.Asked, known *journal.Known, err error) {
	k := e.Key()
	events, err := s.encodeEvents(journal.MessageEvent(&e.Message))
	if err != nil {
		return journal.Asked{}, nil, err
	}
	var was *dedupeRow
	at := e.Message.Conversation()
	o := locking(at, func(t *tx) error {
		was = t.lookUp(k)
		if was != nil && (was.state != journal.StateFailed || !bytes.Equal(was.digest, digest)) {
			return nil
		}
		was = nil
		if conv := t.conversations[at]; conv.inbox.row != lock.Claim.Row || !conv.byCaller {
			return journal.ErrFenced // the lock was lost
		}
		asked = journal.Asked{Key: k, Token: t.number()}
		t.dedupe[k] = &dedupeRow{
			Key: k, expires: micro(t.now.Add(e.Window)), digest: digest, state: journal.StateRunning,
			// The replies' events are found by their key above this cursor, so that those of
			// an earlier turn with the key are not among them.
			token: asked.Token, replica: t.replica, after: t.cursor, ownerAlive: true, changed: true,
		}
		t.appendEvents(events...)
		return nil
	})
	o.keys, o.numbers = []journal.Key{k}, 1
	o.onLateCommit = func() { s.failAsk(asked) } // or the key would be running for ever
	if err := s.commit(ctx, o); err != nil {
		return journal.Asked{}, nil, err
	}
	if was != nil {
		known, err = s.readKnown(ctx, was)
		return journal.Asked{}, known, err
	}
	return asked, nil, nil
}

// failAsk fails a turn that began when its caller had given up.
func (s *Store) failAsk(a journal.Asked) {
	s.retryInBackground(func(ctx context.Context) error {
		return s.SettleAsk(ctx, a, journal.Step{End: &journal.End{Outcome: journal.OutcomeFailed}})
	})
}

// SettleAsk is journal.Journal's. When it says that the outcome is not known, the same
// step must be settled again: it is not committed twice.
func (s *Store) SettleAsk(ctx context.Context, a journal.Asked, step journal.Step) error {
	if err := step.ValidateAsk(); err != nil {
		return err
	}
	events, err := s.encodeEvents(step.Events...)
	if err != nil {
		return err
	}
	id := newStepID(journal.Claim{Token: a.Token}, &journal.OutgoingRows{}, events, step.End)
	o := locking(channels.Conversation{Channel: a.Key.Channel, Sender: a.Key.Sender}, func(t *tx) error {
		if s.unknownSteps.has(id) {
			return nil
		}
		// The token fences a turn that was taken for dead and has begun again.
		d := t.dedupe[a.Key]
		if d == nil || d.token != a.Token || d.state != journal.StateRunning {
			return journal.ErrFenced
		}
		if step.Shows() {
			d.shown++
		}
		if step.End != nil {
			d.state = journal.State(step.End.Outcome)
		}
		d.replies += int64(step.Replies())
		d.changed = true
		t.appendEvents(events...)
		return nil
	})
	o.keys = []journal.Key{a.Key}
	o.conversations = append(o.conversations, addressed(events)...)
	o.onLateCommit = func() { s.unknownSteps.add(id) }
	if err := s.commit(ctx, o); err != nil {
		return err
	}
	s.unknownSteps.remove(id)
	return nil
}

// Recall is journal.Journal's.
func (s *Store) Recall(ctx context.Context, k journal.Key) (*journal.Known, error) {
	var d *dedupeRow
	err := s.read(ctx, func(ctx context.Context) (err error) {
		channel, sender, id := keyColumns([]journal.Key{k})
		rows, err := s.readPool.Query(ctx, readDedupe, channel, sender, id)
		if err != nil {
			return err
		}
		d, err = pgx.CollectExactlyOneRow(rows, func(pgx.CollectableRow) (*dedupeRow, error) { return scanDedupe(rows) })
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		return err
	})
	if err != nil || d == nil {
		return nil, err
	}
	if d.endOrphaned() {
		return s.recallOrphaned(ctx, k)
	}
	if !d.isKnown(micro(s.now())) {
		return nil, nil
	}
	return s.readKnown(ctx, d)
}

// recallOrphaned ends the turn of a process that died.
func (s *Store) recallOrphaned(ctx context.Context, k journal.Key) (*journal.Known, error) {
	var d *dedupeRow
	o := locking(channels.Conversation{Channel: k.Channel, Sender: k.Sender}, func(t *tx) error {
		d = t.lookUp(k)
		return nil
	})
	o.keys = []journal.Key{k}
	if err := s.commit(ctx, o); err != nil || d == nil {
		return nil, err
	}
	return s.readKnown(ctx, d)
}

const readReplies = `
SELECT body FROM event
WHERE channel = $1 AND sender = $2 AND cursor > $3 AND message_id = $4 AND kind = $5 ORDER BY cursor LIMIT $6`

// readKnown reads the replies.
func (s *Store) readKnown(ctx context.Context, d *dedupeRow) (*journal.Known, error) {
	k := &journal.Known{Digest: d.digest, State: d.state}
	if d.replies == 0 {
		return k, nil
	}
	err := s.read(ctx, func(ctx context.Context) error {
		rows, err := s.readPool.Query(ctx, readReplies,
			[]byte(d.Channel), []byte(d.Sender), d.after, []byte(d.ID), string(channels.EventReply), d.replies)
		if err != nil {
			return err
		}
		bodies, err := pgx.CollectRows(rows, pgx.RowTo[[]byte])
		for _, body := range bodies {
			var e channels.Event
			if journal.DecodeEvent(body, &e); len(e.Replies) > 0 {
				k.Replies = append(k.Replies, e.Replies)
			}
		}
		return err
	})
	k.Forgotten = int64(len(k.Replies)) < d.replies
	return k, err
}
