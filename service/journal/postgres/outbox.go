package postgres

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// parcel is a part as it is stored.
type parcel struct {
	channels.Conversation
	body []byte
}

func encodeParts(parts []channels.Part) ([]parcel, error) {
	parcels := make([]parcel, len(parts))
	for i, p := range parts {
		body, err := journal.EncodePart(p)
		if err != nil {
			return nil, err
		}
		parcels[i] = parcel{p.Conversation(), body}
	}
	return parcels, nil
}

// send stores parts. When the line is idle and somebody in NextPart waits for it, the
// first is stored with its claim.
func (s *Store) send(t *tx, parcels []parcel) {
	for _, p := range parcels {
		c, n := t.conversations[p.Conversation], t.number()
		r := &row{Conversation: p.Conversation, number: n, position: n, stored: micro(t.now), body: p.body}
		t.outbox.inserts = append(t.outbox.inserts, r)
		if c.part.row == 0 && !c.part.waits {
			s.outbox.claim(t, c, r, true)
		}
		if c.part.row != n {
			c.add(&c.part)
		}
	}
}

// OpenOutbox is journal.Journal's.
func (s *Store) OpenOutbox(names ...string) { s.outbox.setOpen(names) }

// NextPart is journal.Journal's.
func (s *Store) NextPart(ctx context.Context) (journal.Delivery, error) { return s.outbox.take(ctx) }

func (*Store) beginDelivery(_ *tx, r *row, _ bool) (journal.Delivery, error) {
	p, err := journal.DecodePart(r.body)
	return journal.Delivery{Part: p, Attempts: int(r.attempts), Stored: fromMicro(r.stored)}, err
}

// SettlePart is journal.Journal's. When it says that the outcome is not known, the same
// outcome must be settled again: it is not committed twice.
func (s *Store) SettlePart(ctx context.Context, c journal.Claim, out journal.PartOutcome) error {
	notes, err := s.encode(out.Events...)
	if err != nil {
		return err
	}
	at, held := s.outbox.holder(c)
	if !held {
		return s.fenced(ctx)
	}
	o := locking(at, func(t *tx) error {
		if s.partDoubts.has(doubt{Claim: c}) {
			return nil
		}
		conv := t.conversations[at]
		if conv.part.row != c.Row || conv.part.token != c.Token {
			return journal.ErrFenced
		}
		t.note(notes...)
		t.endPart(conv, c, &out)
		return nil
	})
	o.numbers = 1
	o.abandoned = func() { s.partDoubts.add(doubt{Claim: c}) }
	err = s.do(ctx, o)
	if err == nil || isFenced(err) {
		s.partDoubts.remove(doubt{Claim: c})
		s.outbox.drop(c)
	}
	return err
}

// endPart ends an attempt to send a part.
func (t *tx) endPart(conv *conversation, c journal.Claim, o *journal.PartOutcome) {
	conv.free(&conv.part)
	switch {
	case o.Sent || o.Expired:
	case o.Dead:
		t.outbox.burials = append(t.outbox.burials, burial{t.number(), c.Row, journal.KindUndelivered, o.Reason})
	default:
		due, w := dueOf(o.Retry), t.outbox.of(c.Row)
		if conv.woken == c.Token {
			due = 0
		}
		w.due = &due
		if o.Counts {
			w.attempts++
		}
		conv.part.waits = true
		return
	}
	t.outbox.gone = append(t.outbox.gone, c.Row)
}

// Push is journal.Journal's.
func (s *Store) Push(ctx context.Context, p journal.Push) (known *journal.Known, err error) {
	parcels, err := encodeParts(p.Parts)
	if err != nil {
		return nil, err
	}
	notes, err := s.encode(p.Events...)
	if err != nil {
		return nil, err
	}
	var was *delivery
	o := locking(channels.Conversation{Channel: p.Key.Channel, Sender: p.Key.Sender}, func(t *tx) error {
		if was = t.lookup(p.Key); was != nil {
			return nil
		}
		t.deliveries[p.Key] = &delivery{
			Key: p.Key, expires: micro(t.now.Add(p.Window)), digest: p.Digest, changed: true,
		}
		s.send(t, parcels)
		t.note(notes...)
		return nil
	})
	o.names, o.numbers = []journal.Key{p.Key}, 2*len(parcels)
	o.conversations = append(o.conversations, conversationsOf(p.Parts)...)
	o.conversations = append(o.conversations, placesOf(notes)...)
	if err := s.do(ctx, o); err != nil || was == nil {
		return nil, err
	}
	return s.known(ctx, was)
}

const readAddress = `SELECT address FROM conversation WHERE channel = $1 AND sender = $2 AND address IS NOT NULL`

// Address is journal.Journal's.
func (s *Store) Address(ctx context.Context, c channels.Conversation) (address string, known bool, err error) {
	err = s.read(ctx, func(ctx context.Context) error {
		var at []byte
		err := s.db.QueryRow(ctx, readAddress, []byte(c.Channel), []byte(c.Sender)).Scan(&at)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		address, known = string(at), err == nil
		return err
	})
	return address, known, err
}
