package journal

import (
	"context"
	"time"
)

// Media is the part of a Journal that keeps the bytes of attachments until the turns of
// their messages end.
//
// A medium is put in for a time. Then a message holds it, by its key, for another time. When
// the message is stored by Enqueue or Refuse with Entry.Media, all that it holds is kept as
// long as the message waits to be answered or is a dead letter. What is not kept any more,
// and whose time is over, can't be read, and Sweep deletes it. Forget deletes what the
// conversation's messages hold, and what was put in for its sender.
type Media interface {
	// PutMedium stores a medium that no message holds yet, for so long. Where the channel has
	// one of that Ref, that stays as it is, for so long at least.
	PutMedium(ctx context.Context, m Medium, life time.Duration) error

	// HoldMedia gives media of the channel to a message that is not stored yet, all or none,
	// for so long at least. It returns the first Ref that the channel doesn't have, another
	// message holds, or was put in for another sender; "" when the message holds them all.
	// What the message holds already may be held again.
	HoldMedia(ctx context.Context, k Key, life time.Duration, refs ...string) (missing string, err error)

	// Medium returns a medium of a channel, nil when it has none of that Ref.
	Medium(ctx context.Context, channel, ref string) (*Medium, error)

	// DropMedia deletes those of the media that the message holds. Unknown ones are left out.
	DropMedia(ctx context.Context, k Key, refs ...string) error

	// MediaUse returns how much is stored for a channel, and for one sender of it. What
	// Sweep has not deleted yet counts.
	MediaUse(ctx context.Context, channel, sender string) (ofChannel, ofSender MediaUse, err error)
}

// Medium is the bytes of an attachment, as they are stored.
type Medium struct {
	// Channel and Ref name it.
	Channel, Ref string
	// Sender is whom it was put in for, "" when anybody's message may hold it; then that of
	// the message.
	Sender string
	// MIME is its media type and Name the file's name, both as its sender said, or "".
	MIME, Name string
	Content    []byte
}

// MediaUse is how many media there are, and how many bytes they have.
type MediaUse struct {
	Count int
	Bytes int64
}
