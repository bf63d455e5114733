package media_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/instance"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/memory"
	"github.com/manyvox/manyvox/service/media"
	"github.com/manyvox/manyvox/service/metrics"
)

// full is a journal in memory that counts more than there is.
type full struct {
	*memory.Store
	ofChannel journal.MediaUse
}

func (f full) MediaUse(context.Context, string, string) (ofChannel, ofSender journal.MediaUse, err error) {
	return f.ofChannel, journal.MediaUse{}, nil
}

// disk is a disk that is full or not.
type disk struct{ err error }

func (d disk) CheckDisk(context.Context) error { return d.err }

// rest is a channel that takes calls.
func rest() *instance.Instance {
	c := instance.Config{Name: "rest", Type: channels.Type{Name: "rest", RPC: true}, Channel: channels.Webhook{}}
	return instance.New(c, metrics.New(metrics.Sources{Journal: memory.Open()}))
}

func newLibrary(s media.Store, d disk, dial channels.DialFunc) *media.Library {
	return media.New(media.Config{
		Store: s, Disk: d, Links: instance.NewLinks(""), Dial: dial, Log: slog.New(slog.DiscardHandler),
	})
}

// upload uploads a byte and returns status and body of the answer.
func upload(l *media.Library, query string, body io.Reader) (status int, answer string) {
	w := httptest.NewRecorder()
	l.Uploads(rest()).ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/webhooks/rest/media"+query, body))
	return w.Code, w.Body.String()
}

// Nothing is taken that the channel's share, or the disk, has no room for.
func TestNoRoom(t *testing.T) {
	t.Parallel()
	store := memory.Open()
	for name, c := range map[string]struct {
		library *media.Library
		want    string
	}{
		"count": {newLibrary(full{store, journal.MediaUse{Count: 10_000}}, disk{}, nil), "too many media of this channel"},
		"bytes": {newLibrary(full{store, journal.MediaUse{Bytes: 2 << 30}}, disk{}, nil), "too many media of this channel"},
		"disk":  {newLibrary(store, disk{channels.Errorf(channels.CodeOverloaded, "almost full")}, nil), "almost full"},
	} {
		if status, answer := upload(c.library, "", strings.NewReader("x")); status != http.StatusServiceUnavailable || !strings.Contains(answer, c.want) {
			t.Errorf("%s: status %d, %s", name, status, answer)
		}
		m := channels.Message{Channel: "rest", Sender: "ann", ID: "1", Attachments: []channels.Attachment{{Content: []byte("x")}}}
		_, err := c.library.Admit(t.Context(), rest(), &m)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: content: error %v", name, err)
		}
	}
}

// silent is a channel without a webhook; signing is one that verifies signatures.
type (
	silent  struct{}
	signing struct{ channels.Webhook }
)

func (silent) Inbound(channels.Inbox) http.Handler { return nil }

func (signing) Signed() bool { return true }

// Only channels take uploads whose callers show their token where they upload.
func TestChannelsWithoutUploads(t *testing.T) {
	t.Parallel()
	l := newLibrary(memory.Open(), disk{}, nil)
	for name, c := range map[string]struct {
		channel channels.Channel
		want    string
	}{
		"on sockets": {silent{}, "send the bytes as attachments[].content"},
		"signed":     {signing{}, "its platform keeps the media"},
	} {
		in := instance.New(instance.Config{Name: "x", Channel: c.channel}, metrics.New(metrics.Sources{Journal: memory.Open()}))
		w := httptest.NewRecorder()
		l.Uploads(in).ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/webhooks/x/media", strings.NewReader("x")))
		if w.Code != http.StatusConflict || !strings.Contains(w.Body.String(), c.want) {
			t.Errorf("%s: status %d, %s", name, w.Code, w.Body)
		}
	}
}

// The page tells the limits that hold.
func TestPageTellsTheLimits(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/media.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range media.Limits() {
		if !strings.Contains(string(page), line) {
			t.Errorf("docs/media.md does not say %q", line)
		}
	}
}

// waiting is a body that is not there yet.
type waiting struct {
	began chan<- struct{}
	end   <-chan struct{}
}

func (w waiting) Read([]byte) (int, error) {
	w.began <- struct{}{}
	<-w.end
	return 0, io.EOF
}

// Only so many uploads are in memory at once, and their places come back.
func TestUploadsAtOnce(t *testing.T) {
	t.Parallel()
	l := newLibrary(memory.Open(), disk{}, nil)
	const most = 32
	began, end, done := make(chan struct{}), make(chan struct{}), make(chan struct{})
	for range most {
		go func() {
			upload(l, "", waiting{began, end})
			done <- struct{}{}
		}()
		<-began
	}
	if status, answer := upload(l, "", strings.NewReader("x")); status != http.StatusServiceUnavailable {
		t.Errorf("one more: status %d, %s", status, answer)
	}
	close(end)
	for range most {
		<-done
	}
	if status, answer := upload(l, "", strings.NewReader("x")); status != http.StatusOK {
		t.Errorf("after that: status %d, %s", status, answer)
	}
}

// What a sender's uploads that are under way may need is reserved.
func TestUploadsUnderWayCount(t *testing.T) {
	t.Parallel()
	l := newLibrary(memory.Open(), disk{}, nil)
	const most = 20 // of 5 MiB each
	began, end, done := make(chan struct{}), make(chan struct{}), make(chan struct{})
	for range most {
		go func() {
			upload(l, "?sender=ann", waiting{began, end})
			done <- struct{}{}
		}()
		<-began
	}
	if status, answer := upload(l, "?sender=ann", strings.NewReader("x")); status != http.StatusTooManyRequests {
		t.Errorf("one more of the sender: status %d, %s", status, answer)
	}
	if status, answer := upload(l, "?sender=bob", strings.NewReader("x")); status != http.StatusOK {
		t.Errorf("one of another: status %d, %s", status, answer)
	}
	close(end)
	for range most {
		<-done
	}
	if status, answer := upload(l, "?sender=ann", strings.NewReader("x")); status != http.StatusOK {
		t.Errorf("after that: status %d, %s", status, answer)
	}
}

// A URL is read by the library's dialer, without following a redirect.
func TestOpenURL(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/moved" {
			http.Redirect(w, r, "http://169.254.169.254/", http.StatusFound)
			return
		}
		fmt.Fprintf(w, "%s %s", r.Host, r.URL.Path)
	}))
	defer server.Close()
	var dialled []string
	l := newLibrary(memory.Open(), disk{}, func(ctx context.Context, network, address string) (net.Conn, error) {
		dialled = append(dialled, address)
		return new(net.Dialer).DialContext(ctx, network, server.Listener.Addr().String())
	})
	m, err := l.Open(t.Context(), rest(), channels.Attachment{URL: "http://files.example/a"})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	if content, err := io.ReadAll(m); string(content) != "files.example /a" || err != nil {
		t.Errorf("%q, error %v", content, err)
	}
	_, err = l.Open(t.Context(), rest(), channels.Attachment{URL: "http://files.example/moved"})
	if err == nil || !strings.Contains(err.Error(), "redirects are not followed") {
		t.Errorf("redirected: error %v", err)
	}
	if got := fmt.Sprint(dialled); got != "[files.example:80 files.example:80]" {
		t.Errorf("dialled %s", got)
	}
}

// Without a dialer of its own the library dials public addresses alone.
func TestOpenPrivateURL(t *testing.T) {
	t.Parallel()
	l := newLibrary(memory.Open(), disk{}, nil)
	for _, u := range []string{"http://127.0.0.1/", "http://[::1]/", "https://[::ffff:10.0.0.1]/", "http://169.254.169.254/latest/meta-data", "http://0.0.0.0/"} {
		_, err := l.Open(t.Context(), rest(), channels.Attachment{URL: u})
		if err == nil || !strings.Contains(err.Error(), "refused: not a public address") {
			t.Errorf("%s: error %v", u, err)
		}
	}
}
