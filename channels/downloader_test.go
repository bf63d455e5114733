package channels_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/manyvox/manyvox/channels"
)

// getFrom gets the path of a server with a secret in the URL and in a header.
func getFrom(ctx context.Context, t *testing.T, h http.HandlerFunc) (channels.Medium, error) {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL+"/f?key=s3cret", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer s3cret")
	return channels.NewDownloader(new(net.Dialer).DialContext).Get(req)
}

func TestDownloader(t *testing.T) {
	t.Parallel()
	m, err := getFrom(t.Context(), t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "image/png")
		w.Header().Set("Content-Disposition", `attachment; filename="a.png"`)
		_, _ = io.WriteString(w, "bytes")
	})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	content, err := io.ReadAll(m)
	if err != nil || string(content) != "bytes" || m.MIME != "image/png" || m.Name != "a.png" || m.Size != 5 {
		t.Errorf("%q, %s, %s, %d bytes, error %v", content, m.MIME, m.Name, m.Size, err)
	}
}

func TestDownloaderFails(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		h    http.HandlerFunc
		want string
	}{
		{"not found", func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "s3cret", http.StatusNotFound) }, "status 404"},
		{"redirect to this machine", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://127.0.0.1/s3cret", http.StatusFound)
		}, "redirects are not followed"},
		{"server error", func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "s3cret", http.StatusBadGateway) }, "status 502"},
		{"too large by its own word", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "20971521")
		}, "larger than 20971520 bytes"},
		{"no HTTP", func(w http.ResponseWriter, _ *http.Request) {
			conn, _, _ := w.(http.Hijacker).Hijack()
			_, _ = io.WriteString(conn, "s3cret\r\n\r\n")
			_ = conn.Close()
		}, "not HTTP"},
		{"cut short", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "9")
			_, _ = io.WriteString(w, "s3cret")
		}, "connection broke"},
		{"endless", func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				if _, err := w.Write(make([]byte, 1<<20)); err != nil {
					return
				}
			}
		}, "larger than 20971520 bytes"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			m, err := getFrom(t.Context(), t, c.h)
			if err == nil {
				var n int64
				n, err = io.Copy(io.Discard, m)
				_ = m.Close()
				if n > channels.MaxMedium {
					t.Errorf("%d bytes", n)
				}
			}
			if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "s3cret") {
				t.Errorf("error %v", err)
			}
		})
	}
}

// The request's end ends the download, before the answer and in the middle of it.
func TestDownloaderEnds(t *testing.T) {
	t.Parallel()
	for _, begin := range []string{"", "bytes"} {
		ctx, cancel := context.WithCancel(t.Context())
		m, err := getFrom(ctx, t, func(w http.ResponseWriter, r *http.Request) {
			if begin != "" {
				_, _ = io.WriteString(w, begin)
				_ = http.NewResponseController(w).Flush()
			} else {
				cancel()
			}
			<-r.Context().Done()
		})
		cancel()
		if err == nil {
			_, err = io.ReadAll(m)
			_ = m.Close()
		}
		if !errors.Is(err, context.Canceled) {
			t.Errorf("begun with %q: error %v", begin, err)
		}
	}
}

// A path is a file below the address, and nothing else; no error quotes the address.
func TestDownloaderGetBelow(t *testing.T) {
	t.Parallel()
	var asked string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = r.URL.EscapedPath()
		_, _ = io.WriteString(w, "file")
	}))
	t.Cleanup(server.Close)
	d := channels.NewDownloader(new(net.Dialer).DialContext)
	m, err := d.GetBelow(t.Context(), server.URL+"/hush/", "a dir/b#c.png")
	if err != nil || m.Name != "b#c.png" || asked != "/hush/a%20dir/b%23c.png" {
		t.Fatalf("%q of %q, %v", m.Name, asked, err)
	}
	_ = m.Close()
	for _, path := range []string{"", "/etc/passwd", "../x", "a/../../x"} {
		asked = ""
		if _, err := d.GetBelow(t.Context(), server.URL+"/hush", path); channels.AsError(err).Code != channels.CodeUnavailable || asked != "" {
			t.Errorf("%q: %v, asked %q", path, err, asked)
		}
	}
	if _, err := d.GetBelow(t.Context(), "http://hush\x7f", "a"); err == nil || strings.Contains(err.Error(), "hush") {
		t.Errorf("%v", err)
	}
}
