package intake

import (
	"context"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/instance"
	"github.com/manyvox/manyvox/service/journal"
)

// post stores the messages in one commit. Those that can never be taken are left out,
// logged and counted, and make the error match ErrInvalid: the channel acknowledges,
// since the platform would redeliver them for ever.
func (d *Door) post(ctx context.Context, in *instance.Instance, ms []channels.Message) error {
	if !in.Sends() {
		return channels.Errorf(channels.CodeFailedPrecondition, "channel %s: cannot send, so its messages need Ask", in.Name)
	}
	entries, invalid := make([]journal.Entry, 0, len(ms)), error(nil)
	for _, m := range ms {
		err := d.admit(ctx, in, &m, false)
		switch {
		case err != nil && channels.AsError(err).Code.IsPermanent():
			d.Log.Warn("message refused", "channel", in.Name, "message_id", m.ID, "error", err)
			invalid = in.Metrics.Refused(refusal{channels.AsError(err)}, 1)
		case err != nil:
			return in.Metrics.Refused(err, len(ms))
		default:
			entries = append(entries, journal.Entry{Message: m, Window: in.Window()})
		}
	}
	err := in.Senders.Pace(sendersOf(entries)...)
	if err == nil {
		err = d.store(ctx, in, entries)
	}
	if err != nil {
		return in.Metrics.Refused(err, len(entries))
	}
	in.Metrics.Posted(len(entries))
	return invalid
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
	if err := d.Capacity.Check(ctx, len(entries)); err != nil {
		return err
	}
	fresh, err := d.Journal.Enqueue(ctx, entries...)
	if err != nil {
		return in.NotStored(ctx, d.Log, err)
	}
	for i, isFresh := range fresh {
		if !isFresh {
			d.Log.Debug("duplicate", "channel", in.Name, "message_id", entries[i].Message.ID)
		}
		in.Metrics.Stored(isFresh)
	}
	return nil
}

// refusal is why a message can never be taken. It matches ErrInvalid, whatever the
// reason: the channel acknowledges.
type refusal struct{ reason *channels.Error }

// Error returns the reason.
func (r refusal) Error() string { return r.reason.Error() }

// Is matches ErrInvalid.
func (refusal) Is(target error) bool { return target == channels.ErrInvalid }

// Unwrap returns the reason.
func (r refusal) Unwrap() error { return r.reason }
