package wire_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// mailboxes are where the callback channels of the servers post to.
type mailboxes struct {
	server *httptest.Server
	boxes  map[string]*mailbox
}

// newMailboxes serves them until the test ends.
func newMailboxes(t *testing.T, names ...string) *mailboxes {
	t.Helper()
	m := &mailboxes{boxes: map[string]*mailbox{}}
	mux := http.NewServeMux()
	m.server = httptest.NewServer(mux)
	t.Cleanup(m.server.Close)
	for _, name := range names {
		b := &mailbox{url: m.server.URL + "/" + name + "?of=wire", posts: map[string][]string{}, answers: map[string][]int{}, more: make(chan struct{})}
		m.boxes[name] = b
		mux.Handle("/"+name, b)
	}
	return m
}

func (m *mailboxes) of(name string) *mailbox { return m.boxes[name] }

// mailbox keeps what one server posts.
type mailbox struct {
	url string

	mu      sync.Mutex
	posts   map[string][]string // by recipient
	answers map[string][]int    // the next statuses, by recipient
	more    chan struct{}       // closed at the next post
}

// ServeHTTP keeps a post: its method, what it says about its body, and its body.
func (b *mailbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	data, _ := io.ReadAll(r.Body)
	var object struct {
		Recipient string `json:"recipient_id"`
	}
	_ = json.Unmarshal(data, &object) // what has no recipient is kept under ""
	name := object.Recipient
	post := fmt.Sprintf("%s ?%s %s %s", r.Method, r.URL.RawQuery, r.Header.Get("Content-Type"), canonical(strings.ReplaceAll(string(data), name, "$SENDER")))
	b.mu.Lock()
	defer b.mu.Unlock()
	b.posts[name] = append(b.posts[name], post)
	close(b.more)
	b.more = make(chan struct{})
	if left := b.answers[name]; len(left) > 0 {
		b.answers[name] = left[1:]
		if left[0] == http.StatusFound {
			w.Header().Set("Location", r.URL.String())
		}
		w.WriteHeader(left[0])
	}
}

// answer sets the statuses that the next posts to a recipient are answered with.
func (b *mailbox) answer(recipient string, statuses []int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.answers[recipient] = statuses
}

// until takes what was posted to a recipient before the post that holds mark.
func (b *mailbox) until(ctx context.Context, t testing.TB, recipient, mark string) (before []string) {
	t.Helper()
	for {
		b.mu.Lock()
		list, more := b.posts[recipient], b.more
		for i, post := range list {
			if strings.Contains(post, mark) {
				b.posts[recipient] = list[i+1:]
				b.mu.Unlock()
				return list[:i]
			}
		}
		b.mu.Unlock()
		select {
		case <-more:
		case <-ctx.Done():
			t.Errorf("nothing with %q is posted to %s: %q", mark, recipient, list)
			return list
		}
	}
}
