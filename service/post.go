package service

import (
	"context"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// Post stores the messages in one commit. Those that can never be taken are left
// out, logged and counted, and make the error match ErrInvalid: the channel
// acknowledges, since the platform would redeliver them for ever.
func (d door) Post(ctx context.Context, ms ...channels.Message) error {
	if _, ok := d.in.Channel.(channels.Sender); !ok {
		return channels.Errorf(channels.CodeFailedPrecondition, "channel %s: cannot send, so its messages need Ask", d.in.Name)
	}
	entries, invalid := make([]journal.Entry, 0, len(ms)), error(nil)
	for _, m := range ms {
		err := d.admit(ctx, &m)
		switch {
		case err != nil && isTerminal(channels.AsError(err).Code):
			d.s.log.Warn("message refused", "channel", d.in.Name, "message_id", m.ID, "error", err)
			invalid = d.in.counters.refuse(refusal{channels.AsError(err)}, 1)
		case err != nil:
			return d.in.counters.refuse(err, len(ms))
		default:
			entries = append(entries, journal.Entry{Message: m, Window: d.in.window()})
		}
	}
	err := d.in.gate.pace(sendersOf(entries)...)
	if err == nil {
		err = d.s.store(ctx, d.in, entries)
	}
	if err != nil {
		return d.in.counters.refuse(err, len(entries))
	}
	d.in.counters.posted.Add(float64(len(entries)))
	return invalid
}

func sendersOf(entries []journal.Entry) []string {
	senders := make([]string, len(entries))
	for i, e := range entries {
		senders[i] = e.Message.Sender
	}
	return senders
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

// store commits entries to the inbox.
func (s *Service) store(ctx context.Context, in *Instance, entries []journal.Entry) error {
	if len(entries) == 0 {
		return nil
	}
	if err := s.room(ctx, len(entries)); err != nil {
		return err
	}
	fresh, err := s.journal.Enqueue(ctx, entries...)
	if err != nil {
		return s.notStored(ctx, in, err)
	}
	for i, isFresh := range fresh {
		outcome := "stored"
		if !isFresh {
			outcome = "duplicate"
			s.log.Debug("duplicate", "channel", in.Name, "message_id", entries[i].Message.ID)
		}
		s.metrics.posted.WithLabelValues(in.Name, outcome).Inc()
	}
	return nil
}

// notStored tells that the journal failed.
func (s *Service) notStored(ctx context.Context, in *Instance, err error) *channels.Error {
	e := &channels.Error{Code: channels.CodeUnavailable, RetryAfter: retryAfter, Message: "the message cannot be stored now", Err: err}
	if ctx.Err() == nil { // else the caller went away
		in.failed(e)
		s.log.Error("message not stored", "channel", in.Name, "error", err)
	}
	return e
}

// room refuses what would be stored beyond the limits: so many more messages, on a
// disk that must not fill up to where nothing can be settled any more.
func (s *Service) room(ctx context.Context, messages int) error {
	d, err := s.journal.Depth(ctx)
	switch {
	case err != nil:
		return nil //nolint:nilerr // who stores next has the error
	case d.Inbox+messages > s.limits.Inbox:
		return &channels.Error{Code: channels.CodeOverloaded, RetryAfter: retryAfter, Message: "too many messages are waiting to be answered"}
	case d.Free >= 0 && d.Free < s.limits.FreeDisk:
		return &channels.Error{Code: channels.CodeOverloaded, RetryAfter: retryAfter, Message: "the journal's disk is almost full"}
	}
	return nil
}
