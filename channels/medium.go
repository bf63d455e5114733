package channels

import (
	"context"
	"io"
)

const (
	// MaxMedium is the largest medium that is read, in bytes.
	MaxMedium = 20 << 20
	// MaxUpload is the largest medium that a caller may upload, in bytes.
	MaxUpload = 5 << 20
)

// Media is the role of a channel whose platform keeps the bytes of what users send. Its
// messages have attachments with a Ref.
type Media interface {
	// Fetch gets the bytes that a Ref of one of the channel's messages names. It is called
	// concurrently and ends with ctx, and so does reading the Medium. What it fetches from
	// a URL that the platform names is dialled by Env.DialPublic: a Downloader does that,
	// and bounds the size. Its errors name neither a credential nor an address that holds
	// one.
	Fetch(ctx context.Context, ref string) (Medium, error)
}

// Medium is the bytes of an attachment. Whoever is given one closes it.
type Medium struct {
	// ReadCloser gives the bytes. Reading fails, and does not end, when they are cut short
	// or too many.
	io.ReadCloser
	// MIME is the media type, "" when it is not known. It is what somebody said: nobody
	// looked into the bytes.
	MIME string
	// Name is the file's name, "" when it has none.
	Name string
	// Size is the length in bytes, 0 when it is not known.
	Size int64
}

// Limit returns the medium with a reader that gives no more than so many bytes: when there
// are more, reading fails with an Error of CodeTooLarge. It fails at once, and closes the
// medium, when the size is known to be larger.
func (m Medium) Limit(limit int64) (Medium, error) {
	if m.Size > limit {
		_ = m.Close()
		return Medium{}, tooLarge(limit)
	}
	m.ReadCloser = &limitedMedium{ReadCloser: m.ReadCloser, left: limit, limit: limit}
	return m, nil
}

// MediumError returns the error of Fetch for a call of the platform that ended with err: the file
// is not there, or can't be fetched now.
func MediumError(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return AsError(context.Cause(ctx))
	}
	e := &Error{Code: CodeUnavailable, Message: "the file cannot be fetched from the platform", Err: err}
	switch AsSendError(err).Class { // the others pass
	case SendRejected, SendGone:
		e.Code, e.Message = CodeNotFound, "the platform does not have the file"
	}
	return e
}

func tooLarge(limit int64) error {
	return Errorf(CodeTooLarge, "the medium is larger than %d bytes", limit)
}

// limitedMedium fails when there are more than limit bytes.
type limitedMedium struct {
	io.ReadCloser
	left, limit int64
}

// Read reads one byte more than it may give, to tell the end from too much.
func (l *limitedMedium) Read(p []byte) (int, error) {
	if l.left < 0 {
		return 0, tooLarge(l.limit)
	}
	if int64(len(p)) > l.left+1 {
		p = p[:l.left+1]
	}
	n, err := l.ReadCloser.Read(p)
	if l.left -= int64(n); l.left < 0 {
		return n - 1, tooLarge(l.limit)
	}
	return n, err
}
