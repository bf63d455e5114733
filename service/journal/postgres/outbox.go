package postgres

import (
	"cmp"
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// The parts of a conversation are a queue of their own, with a claim of their own: the next
// turn need not wait until the platform has taken the replies of the last. Both queues hang on
// one row, the conversation's, because the step that ends a claim of the one adds to the
// other.

// decodeWithin is the longest body that is decoded while its conversation is locked: a part of
// 16 MiB takes a second on a busy machine, and the server ends a transaction that stands still.
const decodeWithin = 64 << 10

// claimedPart is a part that was claimed. Its Part is in body still, unless that is nil.
type claimedPart struct {
	journal.Delivery
	body []byte
}

// newOutbox returns the dispatcher of parts.
func newOutbox(s *Store) *dispatcher[claimedPart] {
	d := newDispatcher[claimedPart](s, outboxTable())
	d.queueOf = func(c *conversation) *queue { return &c.outbox }
	d.begin = s.beginDelivery
	d.setClaim = func(d *claimedPart, c journal.Claim) { d.Claim = c }
	d.slots.open(nil) // none, until OpenOutbox is called
	return d
}

// storeParts stores parts. When the queue is idle and a consumer waits, the first is stored
// with its claim.
func (s *Store) storeParts(t *tx, parts []journal.OutboxRow) {
	for i := range parts {
		r := t.newPart(&parts[i])
		t.outbox.inserts = append(t.outbox.inserts, r)
		t.choices.add(&parts[i], r.number)
		s.addPart(t, r)
	}
}

// newPart returns the row of a part, with a number.
func (t *tx) newPart(p *journal.OutboxRow) *row {
	n := t.number()
	return &row{Conversation: p.Conversation(), number: n, position: n, stored: micro(t.now), body: p.Body}
}

// addPart puts a row that is stored at the end of the queue, or claims it.
func (s *Store) addPart(t *tx, r *row) {
	c := t.conversations[r.Conversation]
	if c.outbox.row == 0 && !c.outbox.hasWaiting {
		s.outbox.claim(t, c, r, true)
	}
	if c.outbox.row != r.number {
		c.add(&c.outbox)
	}
}

// OpenOutbox is journal.Journal's.
func (s *Store) OpenOutbox(slots map[string]int) {
	s.outbox.setOpen(slots)
}

// NextPart is journal.Journal's.
func (s *Store) NextPart(ctx context.Context) (journal.Delivery, error) {
	for {
		p, err := s.outbox.consume(ctx)
		if err != nil || p.body == nil {
			return p.Delivery, err
		}
		if p.Part, err = journal.DecodePart(p.body); err == nil {
			return p.Delivery, nil
		}
		unreadable := journal.PartOutcome{Dead: true, Kind: journal.KindUnreadable, Reason: err.Error()}
		s.retryInBackground(func(ctx context.Context) error { return s.SettlePart(ctx, p.Claim, unreadable) })
	}
}

// beginDelivery reads a part. The attempt is counted when it ends, by SettlePart: what is
// sent again after a crash is no failure of the platform.
func (*Store) beginDelivery(t *tx, r *row, _ bool) (p claimedPart, err error) {
	p.Delivery = journal.Delivery{
		Live: journal.LiveOf(r.growing, journal.DecodeReceipt(r.receipt)), Attempts: int(r.attempts),
		Stored: t.storedAt(r), Certain: t.validity.isCertain, Doubtful: r.doubtful,
	}
	if len(r.body) > decodeWithin {
		p.body = r.body
		return p, nil
	}
	p.Part, err = journal.DecodePart(r.body)
	return p, err
}

// SettlePart is journal.Journal's. When it says that the outcome is not known, the same
// outcome must be settled again: it is not committed twice.
func (s *Store) SettlePart(ctx context.Context, c journal.Claim, out journal.PartOutcome) error {
	events, err := s.encodeEvents(out.Events...)
	if err != nil {
		return err
	}
	at, claimed := s.outbox.conversationOf(c)
	if !claimed {
		return s.fencedOrEnded(ctx)
	}
	o := locking(at, func(t *tx) error {
		if s.unknownParts.has(stepID{Claim: c}) {
			return nil
		}
		conv := t.conversations[at]
		if conv.outbox.row != c.Row || conv.outbox.token != c.Token {
			return journal.ErrFenced
		}
		t.appendEvents(events...)
		t.endPart(conv, c, &out)
		return nil
	})
	o.numbers = 1
	o.onLateCommit = func() { s.unknownParts.add(stepID{Claim: c}) }
	err = s.commit(ctx, o)
	if err == nil || isFenced(err) {
		s.unknownParts.forget(c)
		s.outbox.forget(c)
	}
	return err
}

// endPart ends an attempt to send a part.
func (t *tx) endPart(conv *conversation, c journal.Claim, o *journal.PartOutcome) {
	conv.free(&conv.outbox)
	if o.Sent && o.Shown != nil {
		t.choices.shown = append(t.choices.shown, o.Shown)
	}
	switch {
	case o.Sent || o.Expired:
	case o.Dead:
		t.outbox.deadLetters = append(t.outbox.deadLetters, deadLetter{
			t.number(), c.Row, cmp.Or(o.Kind, journal.KindUndelivered), o.Reason,
		})
	default:
		due, w := dueOf(o.Retry), t.outbox.updateOf(c.Row)
		if conv.wokenToken == c.Token { // the reader came during the attempt
			due = 0
		}
		w.due = &due
		if o.Counts {
			w.attempts++
		}
		conv.outbox.hasWaiting = true
		return
	}
	t.removePart(c.Row)
}

// removePart removes a row. If it is live, nothing may complete it any more.
func (t *tx) removePart(row int64) {
	t.outbox.removed = append(t.outbox.removed, row)
	delete(t.live.owned, row)
}

// Push is journal.Journal's.
func (s *Store) Push(ctx context.Context, p journal.Push) (known *journal.Known, err error) {
	parts, err := journal.EncodeParts(p.Parts)
	if err != nil {
		return nil, err
	}
	events, err := s.encodeEvents(p.Events...)
	if err != nil {
		return nil, err
	}
	var was *dedupeRow
	o := locking(channels.Conversation{Channel: p.Key.Channel, Sender: p.Key.Sender}, func(t *tx) error {
		if was = t.lookUp(p.Key); was != nil {
			return nil
		}
		t.dedupe[p.Key] = &dedupeRow{
			Key: p.Key, expires: micro(t.now.Add(p.Window)), digest: p.Digest, changed: true,
		}
		s.storeParts(t, parts)
		t.appendEvents(events...)
		return nil
	})
	o.keys, o.numbers = []journal.Key{p.Key}, 2*len(parts)
	o.conversations = append(o.conversations, conversationsOf(p.Parts)...)
	o.conversations = append(o.conversations, addressed(events)...)
	if err := s.commit(ctx, o); err != nil || was == nil {
		return nil, err
	}
	return s.readKnown(ctx, was)
}

const readAddress = `SELECT address FROM conversation WHERE channel = $1 AND sender = $2 AND address IS NOT NULL`

// Address is journal.Journal's.
func (s *Store) Address(ctx context.Context, c channels.Conversation) (address string, known bool, err error) {
	err = s.read(ctx, func(ctx context.Context) error {
		err := s.readPool.QueryRow(ctx, readAddress, []byte(c.Channel), []byte(c.Sender)).Scan(text(&address))
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		known = err == nil
		return err
	})
	return address, known, err
}
