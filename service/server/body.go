package server

import (
	"compress/gzip"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/manyvox/manyvox/channels"
)

// limitBody bounds the size of the body after decompression.
func limitBody(w http.ResponseWriter, r *http.Request, limit int64) (*http.Request, error) {
	limited := *r
	switch encoding := r.Header.Get("Content-Encoding"); strings.ToLower(encoding) {
	case "", "identity":
		if r.ContentLength > limit {
			return nil, channels.Errorf(channels.CodeTooLarge, "the body is larger than %d bytes", limit)
		}
		limited.Body = http.MaxBytesReader(w, r.Body, limit)
	case "gzip", "x-gzip":
		limited.Header = r.Header.Clone()
		limited.Header.Del("Content-Encoding")
		limited.ContentLength = -1
		limited.Body = http.MaxBytesReader(w, &gunzip{source: r.Body}, limit)
	default:
		return nil, channels.Errorf(channels.CodeInvalid, "Content-Encoding %q: expected gzip or none", encoding)
	}
	return &limited, nil
}

// gunzip decompresses what it reads; the header is read at the first call.
type gunzip struct {
	source io.ReadCloser
	reader *gzip.Reader
}

func (g *gunzip) Read(p []byte) (n int, err error) {
	if g.reader == nil {
		if g.reader, err = gzip.NewReader(g.source); err != nil {
			return 0, channels.Errorf(channels.CodeInvalid, "the body is not gzip, as its Content-Encoding says")
		}
	}
	return g.reader.Read(p)
}

func (g *gunzip) Close() error { return g.source.Close() }

// compressFrom is the size from which an answer is worth compressing, the same as
// for RPC.
const compressFrom = 1024

// compress returns a writer that sends an answer of known length as gzip if the
// caller takes it. Streams have no known length and stay as they are.
func compress(w http.ResponseWriter, r *http.Request) http.ResponseWriter {
	if !accepts(r.Header.Get("Accept-Encoding"), "gzip") {
		return w
	}
	return &compressor{ResponseWriter: w}
}

type compressor struct {
	http.ResponseWriter
	active bool
}

func (c *compressor) WriteHeader(status int) {
	h := c.Header()
	length, err := strconv.Atoi(h.Get("Content-Length"))
	c.active = err == nil && length >= compressFrom && h.Get("Content-Encoding") == ""
	if c.active {
		h.Del("Content-Length")
		h.Set("Content-Encoding", "gzip")
		h.Add("Vary", "Accept-Encoding")
	}
	c.ResponseWriter.WriteHeader(status)
}

func (c *compressor) Write(p []byte) (int, error) {
	if !c.active {
		return c.ResponseWriter.Write(p)
	}
	z := gzip.NewWriter(c.ResponseWriter)
	n, err := z.Write(p)
	if err != nil {
		return n, err
	}
	return n, z.Close()
}

// Unwrap lets http.ResponseController reach what w can do.
func (c *compressor) Unwrap() http.ResponseWriter { return c.ResponseWriter }
