package instance

import (
	"context"
	"errors"
	"log/slog"
	"time"
	"unicode/utf8"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

const (
	// maxPauseReason is how long the reason of a pause may be, in bytes.
	maxPauseReason = 200
	// maxPausedListed is how many conversations Newest returns.
	maxPausedListed = 100
)

// PausedConversations pauses conversations that a human takes over, and resumes them. What
// that means is in docs/delivery.md. Its errors are of type *channels.Error.
type PausedConversations struct {
	Journal  journal.PausedConversations
	Channels *Registry
	Limits   *LimitsInUse
	Log      *slog.Logger
}

// Pause pauses a conversation of a channel in use, and reports whether it was not paused
// before. The reason may be empty; of one that was paused it is changed.
func (p PausedConversations) Pause(ctx context.Context, c channels.Conversation, reason string) (fresh bool, err error) {
	if err := p.check(c, reason); err != nil {
		return false, err
	}
	if _, err := p.Channels.Find(c.Channel); err != nil {
		return false, err
	}
	fresh, err = p.Journal.PauseConversation(ctx, journal.Paused{Conversation: c, Reason: reason, Since: time.Now()})
	if err != nil {
		return false, p.failed(ctx, err)
	}
	p.Log.InfoContext(ctx, "conversation paused", "channel", c.Channel, "conversation", ConversationHash(c))
	return fresh, nil
}

// Resume ends a pause, and reports whether there was one. The channel need not be in use any
// more.
func (p PausedConversations) Resume(ctx context.Context, c channels.Conversation) (was bool, err error) {
	if err := p.check(c, ""); err != nil {
		return false, err
	}
	if was, err = p.Journal.ResumeConversation(ctx, c); err != nil {
		return false, p.failed(ctx, err)
	}
	if was {
		p.Log.InfoContext(ctx, "conversation resumed", "channel", c.Channel, "conversation", ConversationHash(c))
	}
	return was, nil
}

// Newest returns how many conversations are paused, and the newest 100.
func (p PausedConversations) Newest(ctx context.Context) (newest []journal.Paused, count int, err error) {
	if newest, count, err = p.Journal.Paused(ctx, maxPausedListed); err != nil {
		return nil, 0, p.failed(ctx, err)
	}
	return newest, count, nil
}

func (p PausedConversations) check(c channels.Conversation, reason string) error {
	limit := p.Limits.Load().Sender
	switch {
	case c.Channel == "":
		return channels.InvalidField("channel", "required")
	case c.Sender == "":
		return channels.InvalidField("sender", "required")
	case len(c.Sender) > limit:
		return channels.InvalidField("sender", "%d bytes, more than the limit of %d", len(c.Sender), limit)
	case len(reason) > maxPauseReason:
		return channels.InvalidField("reason", "%d bytes, more than the limit of %d", len(reason), maxPauseReason)
	case !utf8.ValidString(c.Sender):
		return channels.InvalidField("sender", "not UTF-8")
	case !utf8.ValidString(reason):
		return channels.InvalidField("reason", "not UTF-8")
	}
	return nil
}

// failed returns the caller's error when a call of the journal failed, and logs why it did.
func (p PausedConversations) failed(ctx context.Context, err error) error {
	switch {
	case errors.Is(err, journal.ErrClosed):
		return ErrDraining
	case ctx.Err() != nil:
		return channels.AsError(ctx.Err())
	}
	p.Log.ErrorContext(ctx, "journal: a call failed", "error", err)
	return &channels.Error{
		Code: channels.CodeUnavailable, RetryAfter: RetryAfter, Message: "the journal does not answer now; the log tells why", Err: err,
	}
}
