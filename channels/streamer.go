package channels

import "context"

// Streamer is the role of a Sender whose platform shows a text while it grows: one message
// is posted, added to, and closed. Its methods are called as Send is: concurrently, but
// never two at once for one conversation; they must end with ctx, and fail with a
// SendError. The text of the part is not fitted before Close.
type Streamer interface {
	// Open posts a message with the text so far, which is not empty. The receipt names the
	// message to the other two, also after a restart, so it must have an id. Open may be
	// called again when its outcome was not known.
	Open(ctx context.Context, p Part) (Receipt, error)
	// Append adds a piece to the message. P has the whole text, piece included, for a platform
	// that replaces it. The piece is empty when the text is only to be shown again: see
	// LiveLimits.Refresh. A failed Append counts no attempt; what it did not add comes with
	// the next one, unless it was rejected or gone: then only Close follows.
	Append(ctx context.Context, p Part, r Receipt, piece string) error
	// Close ends the message: it shows p afterwards, which has been fitted. Piece is what is
	// still to be added at the end. Where the message may show something else than the
	// beginning of p's text, piece is that whole text, and Close replaces what is there. It
	// may be called again, as after a restart. When it is rejected, as by a platform that
	// takes no edit so late, the part is sent once more by Send. When it is gone, the part
	// counts as sent with what was shown.
	Close(ctx context.Context, p Part, r Receipt, piece string) (Receipt, error)
}

// StreamCloser is the role of a Streamer whose Close can do more than set a text.
type StreamCloser interface {
	// Closes reports whether Close can make of a message with a growing text the part p,
	// whose kind is not text: one with buttons, for example. It is pure. Otherwise, as
	// without the role, the message is closed with its text, and the rest of the part follows
	// as the next one, whose text is empty.
	Closes(p Part) bool
}
