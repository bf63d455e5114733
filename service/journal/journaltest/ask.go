package journaltest

import (
	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// seat returns the seat of a caller who is first in ann's line.
func (d *desk) seat() journal.Lock {
	d.Helper()
	return d.seatOf(ann)
}

func (d *desk) seatOf(c channels.Conversation) journal.Lock {
	d.Helper()
	seat, err := d.Acquire(d.Context(), c, 0)
	if err != nil {
		d.Fatalf("Join: %v", err)
	}
	return seat
}

// ask begins the turn of a message, which must not be known, or have failed.
func (d *desk) ask(seat journal.Lock, m channels.Message, digest string) journal.Asked {
	d.Helper()
	e := entries(m)[0]
	asked, known, err := d.Begin(d.Context(), seat, e, []byte(digest))
	if err != nil || known != nil {
		d.Fatalf("Begin of %s returns %+v, error %v; want its turn to begin", m.ID, known, err)
	}
	d.same("key", asked.Key, e.Key())
	return asked
}

// repeat asks message 1 of ann's, which must be known.
func (d *desk) repeat(seat journal.Lock, digest string) journal.Known {
	d.Helper()
	_, known, err := d.Begin(d.Context(), seat, entries(message("ann", "1"))[0], []byte(digest))
	if err != nil || known == nil {
		d.Fatalf("Begin returns %+v, error %v; want the message to be known", known, err)
	}
	return tidy(*known)
}

// recall returns what is known of a message of ann's, which must be something.
func (d *desk) recall(id string) journal.Known {
	d.Helper()
	known, err := d.Recall(d.Context(), keyOf("ann", id))
	if err != nil || known == nil {
		d.Fatalf("Recall of %s returns %+v, error %v; want it to be known", id, known, err)
	}
	return tidy(*known)
}

// unknown checks that nothing is known of a message of ann's.
func (d *desk) unknown(id string) {
	d.Helper()
	known, err := d.Recall(d.Context(), keyOf("ann", id))
	if err != nil || known != nil {
		d.Fatalf("Recall of %s returns %+v, error %v; want nothing", id, known, err)
	}
}

// keyOf returns the key of message(sender, id).
func keyOf(sender, id string) journal.Key {
	return journal.Key{Channel: "web", Sender: sender, ID: id}
}

// tidy gives no replies one form.
func tidy(k journal.Known) journal.Known {
	if len(k.Replies) == 0 {
		k.Replies = nil
	}
	return k
}

// settleAsk commits a step of an asked message.
func (d *desk) settleAsk(a journal.Asked, s journal.Step) {
	d.Helper()
	if err := d.SettleAsk(d.Context(), a, s); err != nil {
		d.Fatalf("SettleAsk: %v", err)
	}
}

// endAsk commits the end of the turn of an asked message.
func (d *desk) endAsk(a journal.Asked, o journal.Outcome) {
	d.Helper()
	d.settleAsk(a, journal.Step{End: &journal.End{Outcome: o, Reason: "because"}})
}

// asked has a message of ann's asked and its turn ended, with replies of one part each.
func (d *desk) asked(id string, o journal.Outcome, replies ...string) journal.Asked {
	d.Helper()
	seat := d.seat()
	defer seat.Release()
	a := d.ask(seat, message("ann", id), "digest of "+id)
	for _, text := range replies {
		d.settleAsk(a, showing(id, channels.Reply{Text: text}))
	}
	d.endAsk(a, o)
	return a
}

// showing is a step that shows one reply to a message of ann's.
func showing(id string, parts ...channels.Reply) journal.Step {
	return journal.Step{Shown: true, Events: []channels.Event{replied("ann", id, parts...)}}
}

// texts are replies of one part each.
func texts(replies ...string) [][]channels.Reply {
	all := make([][]channels.Reply, len(replies))
	for i, text := range replies {
		all[i] = []channels.Reply{{Text: text}}
	}
	return all
}
