package media

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/instance"
)

var (
	errNotKept = channels.Errorf(channels.CodeNotFound, "the medium is not kept any more")
	errNowhere = channels.Errorf(channels.CodeInvalid, "the attachment has neither a ref nor a url of http or https")
)

// Open returns the bytes of an attachment of one of the channel's messages: what the journal
// keeps, what the channel's platform keeps, or what a URL names that the message brought. It
// reads no more than channels.MaxMedium. Its errors are of type *channels.Error.
func (l *Library) Open(ctx context.Context, in *instance.Instance, a channels.Attachment) (channels.Medium, error) {
	if a.Ref != "" {
		return l.read(ctx, in, a.Ref)
	}
	u, err := url.Parse(a.URL)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		return channels.Medium{}, errNowhere
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return channels.Medium{}, errNowhere
	}
	return l.downloader.Get(req)
}

// read returns the bytes that a ref names.
func (l *Library) read(ctx context.Context, in *instance.Instance, ref string) (channels.Medium, error) {
	if !isUpload(ref) {
		return fetch(ctx, in, ref)
	}
	m, err := l.Store.Medium(ctx, in.Name, ref)
	switch {
	case err != nil:
		return channels.Medium{}, &channels.Error{Code: channels.CodeUnavailable, Message: "the medium cannot be read now", Err: err}
	case m == nil:
		return channels.Medium{}, errNotKept
	}
	return channels.Medium{
		ReadCloser: io.NopCloser(bytes.NewReader(m.Content)), MIME: m.MIME, Name: m.Name, Size: int64(len(m.Content)),
	}, nil
}

// fetch has the channel get what its platform keeps.
func fetch(ctx context.Context, in *instance.Instance, ref string) (channels.Medium, error) {
	f, ok := in.Channel.(channels.Media)
	if !ok {
		return channels.Medium{}, errNotKept
	}
	m, err := f.Fetch(ctx, ref)
	if err != nil {
		e := *channels.AsError(err)
		if e.Code == channels.CodeInternal {
			e.Code, e.Message = channels.CodeUnavailable, "the medium cannot be fetched"
		}
		return channels.Medium{}, &e
	}
	return m.Limit(channels.MaxMedium)
}
