package server

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"

	"github.com/manyvox/manyvox/channels"
)

const (
	chatPath = "/chat/"
	// chatPolicy lets the page load and call its own origin only. Images and media come
	// from wherever a reply says.
	chatPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; " +
		"img-src 'self' https: http: data:; media-src 'self' https: http:; " +
		"frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
	// hashedFiles have the hash of their content in their names.
	hashedFiles = "assets/"
)

// chatTypes does not ask the system, whose table may know another type for ".js".
var chatTypes = map[string]string{
	".html": "text/html; charset=utf-8",
	".css":  "text/css; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
	".svg":  "image/svg+xml",
}

// chat serves the chat page.
type chat struct {
	files map[string]chatFile
}

// chatFile is a file as it is sent.
type chatFile struct {
	mime, etag, caching string
	plain, zipped       []byte
}

// chatPage returns the handlers of the page, and of its path without the slash.
func (s routes) chatPage() (page, toPage http.Handler) {
	if s.Chat == nil {
		return http.HandlerFunc(notFound), http.HandlerFunc(notFound)
	}
	return newChat(s.Chat), http.HandlerFunc(toChat)
}

// newChat reads all files: there are few, and they do not change. One that cannot be
// read is not served.
func newChat(files fs.FS) *chat {
	c := &chat{files: map[string]chatFile{}}
	_ = fs.WalkDir(files, ".", func(name string, _ fs.DirEntry, _ error) error {
		if content, err := fs.ReadFile(files, name); err == nil {
			c.files[name] = newChatFile(name, content)
		}
		return nil
	})
	return c
}

func newChatFile(name string, content []byte) chatFile {
	digest := sha256.Sum256(content)
	f := chatFile{
		mime: chatTypes[path.Ext(name)], etag: `"` + hex.EncodeToString(digest[:8]) + `"`,
		caching: "no-cache", plain: content, zipped: zipped(content),
	}
	if strings.HasPrefix(name, hashedFiles) {
		f.caching = "public, max-age=31536000, immutable"
	}
	return f
}

// zipped compresses once, at the start, so the best level costs no call anything.
func zipped(content []byte) []byte {
	var b bytes.Buffer
	z, _ := gzip.NewWriterLevel(&b, gzip.BestCompression) // is a valid level
	_, _ = z.Write(content)                               // a buffer takes all
	_ = z.Close()
	return b.Bytes()
}

// ServeHTTP serves a file below /chat/.
func (c *chat) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimPrefix(r.URL.Path, chatPath)
	if name == "" {
		name = "index.html"
	}
	f, ok := c.files[name]
	switch {
	case !ok:
		notFound(w, r)
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		w.Header().Set("Allow", "GET, HEAD")
		channels.WriteError(w, channels.Errorf(channels.CodeMethodNotAllowed, "method %s: the chat page is only read", r.Method))
	default:
		f.serve(w, r)
	}
}

// serve sends the file, or 304 when the browser has it.
func (f *chatFile) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", chatPolicy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", f.caching)
	h.Set("ETag", f.etag)
	h.Add("Vary", "Accept-Encoding")
	if strings.Contains(r.Header.Get("If-None-Match"), f.etag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	body := f.plain
	if accepts(r.Header.Get("Accept-Encoding"), "gzip") && len(f.zipped) < len(f.plain) {
		h.Set("Content-Encoding", "gzip")
		body = f.zipped
	}
	h.Set("Content-Type", f.mime)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method == http.MethodGet {
		_, _ = w.Write(body) //nolint:gosec // a file of our own; a caller that is gone needs no answer
	}
}

// toChat sends on to the page. The target is relative, since a proxy may have taken a
// prefix off the path, and http.Redirect would make it absolute.
func toChat(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Location", strings.TrimPrefix(chatPath, "/"))
	w.WriteHeader(http.StatusSeeOther)
}

var _ http.Handler = (*chat)(nil)
