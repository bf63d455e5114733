package postgres

import (
	"context"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// A message is stored by Enqueue, claimed by Next and settled by Settle, in one step or in
// several. Each step is a transaction. One that shows something is counted in the row
// (shown), so that whoever claims the message after a crash knows whether the user has seen
// something of the turn.
//
// The row stays in the table while the message is claimed, and is removed by the step that
// ends the turn, unless that is a retry. So nothing has to be put back when a replica dies:
// without the claim the row is the first of its queue, as it was.

// newInbox returns the dispatcher of messages.
func newInbox(s *Store) *dispatcher[journal.Turn] {
	d := newDispatcher[journal.Turn](s, inboxTable())
	d.queueOf = func(c *conversation) *queue { return &c.inbox }
	d.begin = s.beginTurn
	d.setClaim = func(t *journal.Turn, c journal.Claim) { t.Claim = c }
	return d
}

// Enqueue is journal.Journal's. When it says that the outcome is not known, the messages
// may have been stored; storing them again says which are new.
func (s *Store) Enqueue(ctx context.Context, es ...journal.Entry) ([]bool, error) {
	entries, err := journal.EncodeEntries(es)
	if err != nil {
		return nil, err
	}
	o := &operation{needs: needs{
		conversations: column(es, func(e journal.Entry) channels.Conversation { return e.Message.Conversation() }),
		keys:          column(es, func(e journal.Entry) journal.Key { return e.Key() }),
		numbers:       2 * len(es), // each a row and, when it is claimed at once, a token
	}}
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

// storeMessage stores a message and reports whether it is new. When the queue is idle and
// a consumer waits, the message is stored with its claim and its first attempt.
func (s *Store) storeMessage(t *tx, e *journal.InboxRow) (fresh bool) {
	if !t.addKey(&e.Entry) {
		return false
	}
	c := t.conversations[e.Message.Conversation()]
	n := t.number()
	r := &row{Conversation: c.Conversation, number: n, position: n, stored: micro(t.now), body: e.Body}
	t.inbox.inserts = append(t.inbox.inserts, r)
	t.keepMedia(&e.Entry, n)
	if c.isIdle() {
		s.inbox.claim(t, c, r, true)
	}
	if c.inbox.row != n {
		c.add(&c.inbox)
	}
	return true
}

const countQueued = `
SELECT count(*) FROM (SELECT FROM inbox WHERE channel = $1 AND sender = $2 LIMIT $3) queued`

// Queued is journal.Journal's.
func (s *Store) Queued(ctx context.Context, c channels.Conversation, limit int) (n int, err error) {
	err = s.read(ctx, func(ctx context.Context) error {
		return s.readPool.QueryRow(ctx, countQueued, []byte(c.Channel), []byte(c.Sender), limit).Scan(&n)
	})
	return n, err
}

// OpenInbox is journal.Journal's.
func (s *Store) OpenInbox(names ...string) { s.inbox.setOpen(unlimited(names)) }

// Next is journal.Journal's.
func (s *Store) Next(ctx context.Context) (journal.Turn, error) { return s.inbox.consume(ctx) }

// beginTurn counts an attempt and reads the message. Both are committed with the claim, so
// that an attempt counts even if the process dies right after; the first has an event.
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
	turn := journal.Turn{
		Message: m, Attempt: int(r.attempts-r.deferred) + 1, Shown: int(r.shown), Stored: t.storedAt(r),
		Paused: t.conversations[r.Conversation].paused,
	}
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
	rows, err := journal.EncodeOutgoing(&step)
	if err != nil {
		return err
	}
	events, err := s.encodeEvents(step.Events...)
	if err != nil {
		return err
	}
	id := newStepID(c, &rows, events, step.End)
	at, claimed := s.inbox.conversationOf(c)
	if !claimed {
		return s.fencedOrEnded(ctx)
	}
	if rows.Begin != nil {
		s.inbox.noteLive(c)
	}
	o := s.settling(at, c, id, &step, &rows, events)
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

// settling returns the operation that commits one step of a claimed turn.
func (s *Store) settling(
	at channels.Conversation, c journal.Claim, id stepID, step *journal.Step, rows *journal.OutgoingRows, events []journal.EventRow,
) *operation {
	o := locking(at, func(t *tx) error {
		if s.unknownSteps.has(id) {
			return nil
		}
		// The lock of the conversation is held, so the claim that stands there is current.
		conv := t.conversations[at]
		if conv.byCaller || conv.inbox.row != c.Row || conv.inbox.token != c.Token {
			return journal.ErrFenced
		}
		s.storeOutgoing(t, c, rows)
		t.appendEvents(events...)
		if step.Shows() {
			t.inbox.updateOf(c.Row).shown++
		}
		if step.End != nil {
			t.endTurn(conv, c, step.End)
		}
		return nil
	})
	sent := rows.All()
	o.numbers = 2*len(sent) + 1 // each part a row and a token, and a dead letter
	o.conversations = append(o.conversations, column(sent, func(p journal.OutboxRow) channels.Conversation { return p.Conversation() })...)
	if rows.Complete != nil {
		o.live = []channels.Conversation{at}
	}
	o.conversations = append(o.conversations, addressed(events)...)
	return o
}

// endTurn ends a turn. A retry keeps its position, and so stays first in its queue. An
// attempt that was deferred stays counted in the row, so that the message's event, which
// comes with the first, is not appended again; that it does not count is counted beside it.
func (t *tx) endTurn(conv *conversation, c journal.Claim, e *journal.End) {
	conv.free(&conv.inbox)
	switch e.Outcome {
	case journal.OutcomeRetry, journal.OutcomeDeferred:
		due, u := dueOf(e.At), t.inbox.updateOf(c.Row)
		u.due = &due
		if e.Outcome == journal.OutcomeDeferred {
			u.deferred++
		}
		conv.inbox.hasWaiting = true
		return
	case journal.OutcomeFailed, journal.OutcomeInterrupted, journal.OutcomeExpired:
		t.inbox.deadLetters = append(t.inbox.deadLetters, deadLetter{t.number(), c.Row, string(e.Outcome), e.Reason})
	}
	t.inbox.removed = append(t.inbox.removed, c.Row)
}
