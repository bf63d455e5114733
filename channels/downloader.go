package channels

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"
)

// headerTimeout bounds how long a server may take until it begins to answer.
const headerTimeout = 30 * time.Second

// Downloader gets media by HTTP. It follows no redirect, uses no proxy but the one of Through,
// since that connects for it unguarded, and reads no more than MaxMedium. It may be used
// concurrently.
type Downloader struct {
	transport *http.Transport
}

// NewDownloader returns a Downloader that connects by dial: Env.DialPublic where the URLs
// are a stranger's, such as a platform's or a caller's.
func NewDownloader(dial DialFunc) *Downloader {
	return &Downloader{transport: &http.Transport{
		DialContext:            (&ClientConfig{Dial: dial}).dial,
		TLSHandshakeTimeout:    tlsTimeout,
		ResponseHeaderTimeout:  headerTimeout,
		MaxResponseHeaderBytes: maxResponseHeader,
		DisableKeepAlives:      true, // the next URL is of another server
		ForceAttemptHTTP2:      true,
	}}
}

// Through has a new Downloader go through a proxy, nil for none: for URLs whose hosts the caller
// has checked by itself.
func (d *Downloader) Through(proxy *url.URL) *Downloader {
	if proxy != nil {
		d.transport.Proxy = http.ProxyURL(proxy)
	}
	return d
}

// Get returns what a request of its own answers with, to be read until the request's ctx
// ends. A status other than 200 is an error, of type *Error. No error quotes the request,
// whose address and headers may hold a credential.
func (d *Downloader) Get(req *http.Request) (Medium, error) {
	if req.Header.Get("User-Agent") == "" {
		req = req.Clone(req.Context())
		req.Header.Set("User-Agent", "manyvox")
	}
	res, err := d.transport.RoundTrip(req)
	if err != nil {
		return Medium{}, downloadError(req.Context(), err)
	}
	if res.StatusCode != http.StatusOK {
		_ = res.Body.Close()
		return Medium{}, statusOfMedium(res.StatusCode)
	}
	m := Medium{ReadCloser: download{res.Body, req.Context()}, MIME: res.Header.Get("Content-Type"), Size: max(0, res.ContentLength)}
	if _, parameters, err := mime.ParseMediaType(res.Header.Get("Content-Disposition")); err == nil {
		m.Name = parameters["filename"]
	}
	return m.Limit(MaxMedium)
}

// GetBelow gets the file at a path below an address, which may hold a credential, for a platform
// that names such paths. A path that leads elsewhere is an error of CodeUnavailable. The medium is
// called after its path where the answer gives it no name.
func (d *Downloader) GetBelow(ctx context.Context, base, file string) (Medium, error) {
	none := Errorf(CodeUnavailable, "the platform names no file that can be fetched")
	if file == "" || file[0] == '/' || slices.Contains(strings.Split(file, "/"), "..") {
		return Medium{}, none
	}
	address := strings.TrimSuffix(base, "/") + "/" + (&url.URL{Path: file}).EscapedPath()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil { // it would quote the address
		return Medium{}, none
	}
	m, err := d.Get(req)
	if err == nil && m.Name == "" {
		m.Name = path.Base(file)
	}
	return m, err
}

// statusOfMedium is the error of an answer that is no medium.
func statusOfMedium(status int) error {
	code := CodeUnavailable
	if class := classOf(status); class == SendGone || class == SendRejected {
		code = CodeNotFound
	}
	return &Error{Code: code, Message: "the medium cannot be fetched", Err: statusError(status)}
}

// downloadError returns the error of a medium that did not come, without what net/http may
// have quoted from the request or the answer.
func downloadError(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return AsError(context.Cause(ctx))
	}
	var network *net.OpError
	if !errors.As(err, &network) {
		return &Error{Code: CodeUnavailable, Message: "the medium cannot be fetched: the connection broke, or the answer is not HTTP"}
	}
	return &Error{Code: CodeUnavailable, Message: "the medium cannot be fetched", Err: network}
}

// download is the body of an answer, whose errors are downloadError's.
type download struct {
	io.ReadCloser
	ctx context.Context
}

// Read reads the body.
func (d download) Read(p []byte) (int, error) {
	n, err := d.ReadCloser.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = downloadError(d.ctx, fmt.Errorf("read: %w", err))
	}
	return n, err
}
