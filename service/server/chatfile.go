package server

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"path"
	"strconv"
	"strings"
)

// hashedFiles have the hash of their content in their names.
const hashedFiles = "assets/"

// chatTypes does not ask the system, whose table may know another type for ".js".
var chatTypes = map[string]string{
	".html": "text/html; charset=utf-8",
	".css":  "text/css; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
	".svg":  "image/svg+xml",
}

// chatFile is a file as it is sent.
type chatFile struct {
	mime, etag, caching string
	plain, zipped       []byte
}

func newChatFile(name string, content []byte) chatFile {
	f := chatFile{
		mime: chatTypes[path.Ext(name)], etag: `"` + hashOf(content) + `"`,
		caching: "no-cache", plain: content, zipped: zipped(content),
	}
	if strings.HasPrefix(name, hashedFiles) {
		f.caching = "public, max-age=31536000, immutable"
	}
	return f
}

func hashOf(content []byte) string {
	digest := sha256.Sum256(content)
	return hex.EncodeToString(digest[:8])
}

// zipped compresses once, at the start or a reload, so the best level costs no call anything.
func zipped(content []byte) []byte {
	var b bytes.Buffer
	z, _ := gzip.NewWriterLevel(&b, gzip.BestCompression) // is a valid level
	_, _ = z.Write(content)                               // a buffer takes all
	_ = z.Close()
	return b.Bytes()
}

// serve sends the file, or 304 when the browser has it.
func (f *chatFile) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
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
