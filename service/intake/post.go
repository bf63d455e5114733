package intake

import (
	"context"
	"errors"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/instance"
	"github.com/manyvox/manyvox/service/journal"
)

// maxRefused is how many messages of one conversation are kept as dead letters because
// they were over its share. More are dropped and counted.
const maxRefused = 1000

// post stores the messages in one commit. Those that can never be taken are left out,
// logged and counted, and make the error match ErrInvalid: the channel acknowledges,
// since the platform would redeliver them for ever. When some can't be taken now, those
// that can be are stored all the same: the platform redelivers all, and what is stored is
// known.
func (d *Door) post(ctx context.Context, i inbox, ms []channels.Message) error {
	in := i.in
	if !in.Sends() {
		return channels.Errorf(channels.CodeFailedPrecondition, "channel %s: cannot send, so its messages need Ask", in.Name)
	}
	entries, invalid := make([]journal.Entry, 0, len(ms)), error(nil)
	for _, m := range ms {
		err := d.admit(ctx, in, &m, false)
		if err == nil {
			err = d.choose(ctx, in, &m)
		}
		switch {
		case errors.Is(err, channels.ErrInvalid):
			d.Log.Warn("message refused", "channel", in.Name, "message_id", instance.Shorten(m.ID), "error", err)
			invalid = in.Metrics.Refused(err, 1)
		case err != nil:
			return in.Metrics.Refused(err, len(ms))
		default:
			entries = append(entries, journal.Entry{Message: m, Window: in.Window()})
		}
	}
	if err := d.take(ctx, i, entries); err != nil {
		return err
	}
	return invalid
}

// take stores those entries that the limits allow. An entry that is stored already is
// never over a limit.
func (d *Door) take(ctx context.Context, i inbox, entries []journal.Entry) error {
	if len(entries) == 0 {
		return nil
	}
	in := i.in
	if err := in.Senders.Pace(sendersOf(entries)...); err != nil {
		fresh := d.unknown(ctx, entries)
		if len(fresh) == len(entries) || in.Senders.Pace(sendersOf(fresh)...) != nil {
			return d.refused(in, err, len(fresh))
		}
	}
	fit, over, release, err := d.Capacity.Reserve(ctx, in.Name, entries)
	if err != nil {
		return d.refused(in, err, len(d.unknown(ctx, entries)))
	}
	defer release()
	fit, unkept, noMedia := d.admitMedia(ctx, i, fit)
	if err := d.store(ctx, in, fit); err != nil {
		return in.Metrics.Refused(err, len(fit))
	}
	in.Metrics.Posted(len(fit))
	over = d.unknown(ctx, over)
	if i.refuse {
		err = d.refuse(ctx, in, append(over, unkept...))
	} else {
		err = d.refused(in, instance.ErrConversationFull, len(over))
	}
	if err != nil {
		return err
	}
	return noMedia
}

// refused counts messages that are refused with err. It returns nil when there are none.
func (d *Door) refused(in *instance.Instance, err error, messages int) error {
	if messages == 0 {
		return nil
	}
	return in.Metrics.Refused(err, messages)
}

// unknown returns the entries that are not stored already. It is asked only about those
// that would be refused: a redelivery of what is stored is acknowledged, whatever the
// limits say.
func (d *Door) unknown(ctx context.Context, entries []journal.Entry) (list []journal.Entry) {
	for _, e := range entries {
		if known, err := d.Messages.Recall(ctx, e.Key()); err != nil || known == nil {
			list = append(list, e)
		}
	}
	return list
}

// refuse makes messages dead letters. Those beyond maxRefused of a conversation are
// dropped.
func (d *Door) refuse(ctx context.Context, in *instance.Instance, es []journal.Entry) error {
	if len(es) == 0 {
		return nil
	}
	for n := range es { // what can be kept of their media is
		m := &es[n].Message
		es[n].Media, _ = d.Media.Admit(ctx, in, m)
		refused := channels.Exchange{Sender: m.Sender, Message: m.Text}.WithError(instance.ErrConversationFull)
		in.Exchanges.Record(ctx, refused)
	}
	kept, err := d.Messages.Refuse(ctx, maxRefused, es...)
	if err != nil {
		return in.Metrics.Refused(in.NotStored(ctx, d.Log, err), len(es))
	}
	_ = in.Metrics.Refused(instance.ErrConversationFull, len(es))
	for range kept {
		in.Metrics.DeadLetter(journal.KindRefused)
	}
	d.Log.Warn("messages refused: their conversation has too many waiting", "channel", in.Name, "kept", kept, "dropped", len(es)-kept)
	return nil
}

// sendersOf returns the sender of each entry, as often as it writes.
func sendersOf(entries []journal.Entry) []string {
	senders := make([]string, len(entries))
	for i, e := range entries {
		senders[i] = e.Message.Sender
	}
	return senders
}

// store commits entries to the inbox.
func (d *Door) store(ctx context.Context, in *instance.Instance, entries []journal.Entry) error {
	if len(entries) == 0 {
		return nil
	}
	fresh, err := d.Messages.Enqueue(ctx, entries...)
	if err != nil {
		return in.NotStored(ctx, d.Log, err)
	}
	for i, isFresh := range fresh {
		m, verdict := &entries[i].Message, channels.VerdictAccepted
		if !isFresh {
			d.Log.Debug("duplicate", "channel", in.Name, "message_id", m.ID)
			verdict = channels.VerdictDuplicate
		}
		in.Metrics.Stored(isFresh)
		in.Exchanges.Record(ctx, channels.Exchange{Verdict: verdict, Sender: m.Sender, Message: m.Text})
	}
	return nil
}
