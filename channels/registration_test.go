package channels_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/manyvox/manyvox/channels"
)

// registrar counts the calls of Register, which end with err.
type registrar struct {
	mu    sync.Mutex
	calls int
	err   error
	log   bytes.Buffer
}

func (r *registrar) register(context.Context) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls++
	return r.err
}

func (r *registrar) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.log.Write(p)
}

func (r *registrar) end(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.err = err
}

// check checks how many calls there were, and for a line of the log.
func (r *registrar) check(t *testing.T, calls int, line string) {
	t.Helper()
	synctest.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.calls != calls || !strings.Contains(r.log.String(), line) {
		t.Errorf("%d calls, want %d, log %s", r.calls, calls, r.log.String())
	}
}

// ask asks for a registration by its route.
func ask(t *testing.T, r *channels.Registration) string {
	t.Helper()
	w := httptest.NewRecorder()
	r.Handler("set", "not set")(w, httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/set_webhook", http.NoBody))
	return w.Body.String()
}

func TestRegistration(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		failure := errors.New("bad webhook")
		to := &registrar{err: failure}
		r := &channels.Registration{Log: slog.New(slog.NewTextHandler(to, nil)), Register: to.register}
		ctx, end := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { r.Keep(ctx); close(ended) }()
		time.Sleep(8 * time.Second) // after 0, 1, 3 and 7 s
		to.check(t, 4, `msg="webhook not set"`)
		for range 3 {
			if got := ask(t, r); got != "not set" {
				t.Errorf("asked again: %q", got)
			}
			to.check(t, 5, "")
		}
		to.end(nil)
		time.Sleep(10 * time.Second)
		to.check(t, 6, `msg="webhook set"`)
		if got := ask(t, r); got != "set" {
			t.Errorf("asked again: %q", got)
		}
		to.check(t, 7, "")
		select {
		case <-ended:
			t.Error("it has ended before its ctx")
		default:
		}
		end()
		<-ended
	})
}

func TestRegistrationHandler(t *testing.T) {
	t.Parallel()
	for _, err := range []error{nil, errors.New("bad webhook")} {
		r := &channels.Registration{Log: slog.New(slog.DiscardHandler), Register: func(context.Context) error { return err }}
		h, want := r.Handler("done", "failed"), "done"
		if err != nil {
			want = "failed"
		}
		for method, status := range map[string]int{"GET": 200, "POST": 200, "PUT": 405} {
			w := httptest.NewRecorder()
			h(w, httptest.NewRequest(method, "/set_webhook", nil))
			if w.Code != status || status == 200 && w.Body.String() != want {
				t.Errorf("%s: %d %q", method, w.Code, w.Body)
			}
		}
	}
}
