package channels_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/manyvox/manyvox/channels"
)

func TestRegistration(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		calls, err := 0, errors.New("bad webhook")
		r := &channels.Registration{Log: slog.New(slog.NewTextHandler(&log, nil)), Register: func(context.Context) error { calls++; return err }}
		ctx, end := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { r.Keep(ctx); close(ended) }()
		time.Sleep(8 * time.Second) // after 0, 1, 3 and 7 s
		synctest.Wait()
		if calls != 4 || !strings.Contains(log.String(), "webhook not set") {
			t.Errorf("%d calls, log %s", calls, log.String())
		}
		for range 3 {
			if got := r.Again(t.Context()); !errors.Is(got, err) || calls != 5 {
				t.Errorf("%v after %d calls", got, calls)
			}
		}
		err = nil
		time.Sleep(10 * time.Second)
		synctest.Wait()
		if calls != 6 || !strings.Contains(log.String(), `msg="webhook set"`) {
			t.Errorf("%d calls, log %s", calls, log.String())
		}
		if got := r.Again(t.Context()); got != nil || calls != 7 {
			t.Errorf("%v after %d calls", got, calls)
		}
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
