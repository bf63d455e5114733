package postgres

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// lookup returns what is known of a key, nil when nothing is. The turn of a process that
// died is ended with that.
func (t *tx) lookup(k journal.Key) *delivery {
	d := t.deliveries[k]
	if d == nil {
		return nil
	}
	if d.settled() {
		d.changed = true
	}
	if !d.known(micro(t.now)) {
		return nil
	}
	return d
}

// Begin is journal.Journal's.
func (s *Store) Begin(
	ctx context.Context, seat journal.Lock, e journal.Entry, digest []byte,
) (asked journal.Asked, known *journal.Known, err error) {
	k := e.Key()
	notes, err := s.encode(journal.MessageEvent(&e.Message))
	if err != nil {
		return journal.Asked{}, nil, err
	}
	var was *delivery
	at := e.Message.Conversation()
	o := locking(at, func(t *tx) error {
		was = t.lookup(k)
		if was != nil && (was.state != journal.StateFailed || !bytes.Equal(was.digest, digest)) {
			return nil
		}
		was = nil
		if conv := t.conversations[at]; conv.turn.row != seat.Claim.Row || !conv.seat {
			return journal.ErrFenced
		}
		asked = journal.Asked{Key: k, Token: t.number()}
		t.deliveries[k] = &delivery{
			Key: k, expires: micro(t.now.Add(e.Window)), digest: digest, state: journal.StateRunning,
			token: asked.Token, replica: t.replica, after: t.cursor, owned: true, changed: true,
		}
		t.note(notes...)
		return nil
	})
	o.names, o.numbers = []journal.Key{k}, 1
	o.abandoned = func() { s.forsake(asked) }
	if err := s.do(ctx, o); err != nil {
		return journal.Asked{}, nil, err
	}
	if was != nil {
		known, err = s.known(ctx, was)
		return journal.Asked{}, known, err
	}
	return asked, nil, nil
}

// forsake fails a turn that began when its caller had given up.
func (s *Store) forsake(a journal.Asked) {
	s.persist(func(ctx context.Context) error {
		return s.SettleAsk(ctx, a, journal.Step{End: &journal.End{Outcome: journal.OutcomeFailed}})
	})
}

// SettleAsk is journal.Journal's. When it says that the outcome is not known, the same
// step must be settled again: it is not committed twice.
func (s *Store) SettleAsk(ctx context.Context, a journal.Asked, step journal.Step) error {
	if err := step.Validate(); err != nil {
		return err
	}
	if step.End != nil && step.End.Outcome == journal.OutcomeRetry {
		return fmt.Errorf("journal postgres: outcome %q is none of an asked message's", step.End.Outcome)
	}
	notes, err := s.encode(step.Events...)
	if err != nil {
		return err
	}
	doubt := doubtOf(journal.Claim{Token: a.Token}, nil, notes, step.End)
	o := locking(channels.Conversation{Channel: a.Key.Channel, Sender: a.Key.Sender}, func(t *tx) error {
		if s.doubts.has(doubt) {
			return nil
		}
		d := t.deliveries[a.Key]
		if d == nil || d.token != a.Token || d.state != journal.StateRunning {
			return journal.ErrFenced
		}
		if step.Shows() {
			d.shown++
		}
		if step.End != nil {
			d.state = journal.State(step.End.Outcome)
		}
		d.replies += replies(notes)
		d.changed = true
		t.note(notes...)
		return nil
	})
	o.names = []journal.Key{a.Key}
	o.conversations = append(o.conversations, placesOf(notes)...)
	o.abandoned = func() { s.doubts.add(doubt) }
	if err := s.do(ctx, o); err != nil {
		return err
	}
	s.doubts.remove(doubt)
	return nil
}

// Recall is journal.Journal's.
func (s *Store) Recall(ctx context.Context, k journal.Key) (*journal.Known, error) {
	var d *delivery
	err := s.read(ctx, func(ctx context.Context) (err error) {
		channel, sender, id := keys([]journal.Key{k})
		rows, err := s.db.Query(ctx, readDeliveries, channel, sender, id)
		if err != nil {
			return err
		}
		d, err = pgx.CollectExactlyOneRow(rows, func(pgx.CollectableRow) (*delivery, error) { return scanDelivery(rows) })
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		return err
	})
	if err != nil || d == nil {
		return nil, err
	}
	if d.settled() {
		return s.recallDead(ctx, k)
	}
	if !d.known(micro(time.Now())) {
		return nil, nil
	}
	return s.known(ctx, d)
}

// recallDead ends the turn of a process that died.
func (s *Store) recallDead(ctx context.Context, k journal.Key) (*journal.Known, error) {
	var d *delivery
	o := locking(channels.Conversation{Channel: k.Channel, Sender: k.Sender}, func(t *tx) error {
		d = t.lookup(k)
		return nil
	})
	o.names = []journal.Key{k}
	if err := s.do(ctx, o); err != nil || d == nil {
		return nil, err
	}
	return s.known(ctx, d)
}

const readReplies = `
SELECT body FROM event
WHERE channel = $1 AND sender = $2 AND cursor > $3 AND message_id = $4 AND kind = $5 ORDER BY cursor LIMIT $6`

// known reads the replies.
func (s *Store) known(ctx context.Context, d *delivery) (*journal.Known, error) {
	k := &journal.Known{Digest: d.digest, State: d.state}
	if d.replies == 0 {
		return k, nil
	}
	err := s.read(ctx, func(ctx context.Context) error {
		rows, err := s.db.Query(ctx, readReplies,
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
