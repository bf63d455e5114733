package instance

import (
	"context"
	"errors"
	"log/slog"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// JournalFailed returns the caller's error when a call of the journal failed, and logs
// why it did.
func JournalFailed(ctx context.Context, log *slog.Logger, err error) error {
	switch {
	case errors.Is(err, journal.ErrClosed):
		return ErrDraining
	case ctx.Err() != nil:
		return channels.AsError(ctx.Err())
	}
	log.ErrorContext(ctx, "journal: a call failed", "error", err)
	return JournalSilent(err)
}

// JournalSilent returns the caller's error when the journal does not do what it should.
func JournalSilent(err error) error {
	return &channels.Error{
		Code: channels.CodeUnavailable, Reason: channels.ReasonJournalUnavailable, RetryAfter: RetryAfter,
		Message: "the journal does not answer now; the log tells why", Err: err,
	}
}
