package channels_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/channels/channeltest"
)

// The headers of a stream leave after ten seconds of silence, and not before, so that what
// fails at once has its status.
func TestEdge08_15_SilentStream(t *testing.T) {
	t.Parallel()
	agentFailed := channels.Errorf(channels.CodeAgentFailed, "no")
	for _, c := range []struct {
		name   string
		silent time.Duration
		err    error
		status int
		body   string
	}{
		{"it fails early", 9 * time.Second, agentFailed, 502, `{"error":{"code":"agent_failed","message":"no"}}`},
		{"it fails late", 11 * time.Second, agentFailed, 200, `{"recipient_id":"ann","error":{"code":"agent_failed","message":"no"}}` + "\n"},
		{"it says nothing, late", 11 * time.Second, nil, 200, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				in := &channeltest.Inbox{OnAsk: func(context.Context, channels.Message, channels.Replier) error { time.Sleep(c.silent); return c.err }}
				w := &flushRecorder{ResponseRecorder: httptest.NewRecorder()}
				done := make(chan struct{})
				go func() {
					defer close(done)
					r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/webhook?stream=true", strings.NewReader(hi))
					channels.Webhook{}.Inbound(in).ServeHTTP(w, r)
				}()
				time.Sleep(10*time.Second + time.Millisecond)
				synctest.Wait()
				if late := c.silent > 10*time.Second; late != w.flushed.Load() {
					t.Errorf("after 10 s the headers are out: %v, want %v", !late, late)
				}
				<-done
				if w.Code != c.status || w.Body.String() != c.body {
					t.Errorf("%d %s, want %d %s", w.Code, w.Body, c.status, c.body)
				}
			})
		})
	}
}

// flushRecorder tells whether it was flushed while the handler goes on.
type flushRecorder struct {
	*httptest.ResponseRecorder
	flushed atomic.Bool
}

func (w *flushRecorder) Flush() {
	w.flushed.Store(true)
	w.ResponseRecorder.Flush()
}
