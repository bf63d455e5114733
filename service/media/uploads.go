package media

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/instance"
	"github.com/manyvox/manyvox/service/journal"
)

const (
	// maxLabel is the longest name, media type and sender of an upload, in bytes.
	maxLabel = 256
	// anyType is the media type of bytes of which nothing is known.
	anyType = "application/octet-stream"
)

// Uploads serves POST /webhooks/<name>/media of a channel: the body is the medium, its
// Content-Type the media type, the query's name or Content-Disposition's filename the name.
// The query's sender is whose messages alone may use it. It answers {"ref": …}. The caller
// has shown the token, and the body is limited to channels.MaxUpload bytes.
func (l *Library) Uploads(in *instance.Instance) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			w.Header().Set("Allow", http.MethodPost)
			channels.WriteError(w, channels.Errorf(channels.CodeMethodNotAllowed, "method %s: media are uploaded by POST", r.Method))
			return
		}
		ref, err := l.upload(in, r)
		if err != nil {
			channels.WriteError(w, err)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"ref":"`+ref+`"}`) //nolint:gosec // a ref is ours; a caller that is gone needs no answer
	})
}

// upload stores the medium of a request and returns its ref.
func (l *Library) upload(in *instance.Instance, r *http.Request) (ref string, err error) {
	if err := takesUploads(in); err != nil {
		return "", err
	}
	m, err := describe(r)
	if err != nil {
		return "", err
	}
	if err := in.Senders.Admit(m.Sender); m.Sender != "" && err != nil {
		return "", err
	}
	if err := l.uploads.take(); err != nil {
		return "", err
	}
	defer l.uploads.leave()
	if err := l.Disk.CheckDisk(r.Context()); err != nil {
		return "", err
	}
	c := channels.Conversation{Channel: in.Name, Sender: m.Sender}
	release, err := l.shares.reserve(r.Context(), c, journal.MediaUse{Count: 1, Bytes: channels.MaxUpload})
	if err != nil {
		return "", l.noRoom(r.Context(), in, err)
	}
	defer release()
	if m.Content, err = readUpload(r); err != nil {
		return "", err
	}
	m.Channel, m.Ref = in.Name, newRef()
	if err := l.Store.PutMedium(r.Context(), m, unusedLife); err != nil {
		return "", l.refused(r.Context(), in, err)
	}
	return m.Ref, nil
}

// readUpload reads the body.
func readUpload(r *http.Request) ([]byte, error) {
	content, err := io.ReadAll(r.Body)
	var known *channels.Error
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &known):
		return nil, known
	case errors.As(err, &large):
		return nil, channels.Errorf(channels.CodeTooLarge, "the medium is larger than %d bytes", large.Limit)
	case err != nil:
		return nil, &channels.Error{Code: channels.CodeInvalid, Message: "the body cannot be read", Err: err}
	case len(content) == 0:
		return nil, channels.Errorf(channels.CodeInvalid, "the body is empty: expected the bytes of the medium")
	}
	return content, nil
}

// describe reads what a request says of its medium.
func describe(r *http.Request) (m journal.Medium, err error) {
	query := r.URL.Query()
	m.Sender, m.Name = query.Get("sender"), query.Get("name")
	if m.Name == "" {
		if _, parameters, err := mime.ParseMediaType(r.Header.Get("Content-Disposition")); err == nil {
			m.Name = parameters["filename"]
		}
	}
	m.MIME = r.Header.Get("Content-Type")
	kind, _, err := mime.ParseMediaType(m.MIME)
	switch {
	case m.MIME == "":
		m.MIME = anyType
	case err != nil, !strings.Contains(kind, "/"):
		return m, channels.Errorf(channels.CodeInvalid, "Content-Type: expected a media type such as image/png")
	case strings.HasPrefix(kind, "multipart/") || kind == "application/x-www-form-urlencoded":
		return m, channels.Errorf(channels.CodeInvalid, "Content-Type: a form: send the bytes themselves as the body, with the media type of what they are")
	}
	for _, label := range []struct{ place, text string }{{"sender", m.Sender}, {"name", m.Name}, {"Content-Type", m.MIME}} {
		if err := checkLabel(label.place, label.text); err != nil {
			return m, err
		}
	}
	return m, nil
}

// checkLabel refuses a text that is too long, or no line of text.
func checkLabel(place, text string) error {
	switch {
	case len(text) > maxLabel:
		return channels.Errorf(channels.CodeInvalid, "%s: %d bytes, more than the limit of %d", place, len(text), maxLabel)
	case !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl):
		return channels.Errorf(channels.CodeInvalid, "%s: expected one line of UTF-8", place)
	}
	return nil
}
