package media

import (
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/instance"
)

// Reads serves GET and HEAD /webhooks/<name>/media/<id> of a channel, called with the id
// alone as its path. The link's signature is what the caller shows, so no token is asked
// for: see instance.Links.
func (l *Library) Reads(in *instance.Instance) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			channels.WriteError(w, channels.Errorf(channels.CodeMethodNotAllowed, "method %s: a medium is only read", r.Method))
			return
		}
		ref, err := l.Links.Verify(in.Name, r.URL.Path, r.URL.Query())
		if err == nil {
			err = l.reads.take()
		}
		if err != nil {
			channels.WriteError(w, err)
			return
		}
		defer l.reads.leave()
		m, err := l.read(r.Context(), in, ref)
		if err != nil {
			if r.Context().Err() == nil {
				l.Log.Warn("medium not read", "channel", in.Name, "error", err)
			}
			channels.WriteError(w, err)
			return
		}
		defer m.Close() //nolint:errcheck // it was read, or cannot be
		writeHeader(w.Header(), m)
		if r.Method == http.MethodHead {
			return
		}
		if _, err := io.Copy(w, m); err != nil {
			panic(http.ErrAbortHandler) // the reader must not take it for the whole
		}
	})
}

// writeHeader describes a medium so that no browser shows it as a page, whatever it is: its
// type is what a stranger said.
func writeHeader(h http.Header, m channels.Medium) {
	kind, parameters, err := mime.ParseMediaType(m.MIME)
	if err != nil {
		kind, parameters = anyType, nil
	}
	disposition := "attachment"
	if isShown(kind) {
		disposition = "inline"
	}
	name := map[string]string{}
	if m.Name != "" {
		name["filename"] = m.Name
	}
	h.Set("Content-Type", mime.FormatMediaType(kind, parameters))
	h.Set("Content-Disposition", mime.FormatMediaType(disposition, name))
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "private, no-store")
	if m.Size > 0 {
		h.Set("Content-Length", strconv.FormatInt(m.Size, 10))
	}
}

// isShown reports whether a browser may show a medium in its place. An SVG is a page that
// can run scripts.
func isShown(kind string) bool {
	family, _, _ := strings.Cut(kind, "/")
	return (family == "image" && kind != "image/svg+xml") || family == "audio" || family == "video"
}
