package channels_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
)

// steps ends with one error after the other, and then ctx.
type steps struct {
	errs  []error
	end   context.CancelFunc
	began time.Time
	at    []time.Duration
}

func (s *steps) step(context.Context) error {
	s.at = append(s.at, time.Since(s.began).Round(time.Second))
	if len(s.errs) == 0 {
		s.end()
		return nil
	}
	err := s.errs[0]
	s.errs = s.errs[1:]
	return err
}

func classed(class channels.SendClass, after time.Duration) error {
	return &channels.SendError{Class: class, RetryAfter: after, Err: errors.New("no")}
}

func TestLoop(t *testing.T) {
	t.Parallel()
	down := classed(channels.SendUnavailable, 0)
	for _, c := range []struct {
		name string
		loop channels.Loop
		errs []error
		at   []time.Duration
		want channels.SendClass
	}{
		{"pauses grow", channels.Loop{}, []error{down, down, down, nil, down}, []time.Duration{0, 1, 3, 7, 7, 8}, ""},
		{"up to the longest", channels.Loop{Pause: 2 * time.Second, MaxPause: 3 * time.Second}, []error{down, down, down}, []time.Duration{0, 2, 5, 8}, ""},
		{"as the platform asks", channels.Loop{}, []error{classed(channels.SendThrottled, 9*time.Second), errors.New("unknown")}, []time.Duration{0, 9, 11}, ""},
		{"the inbox is full", channels.Loop{}, []error{channels.Errorf(channels.CodeUnavailable, "full")}, []time.Duration{0, 1}, ""},
		{"what does not pass", channels.Loop{}, []error{down, classed(channels.SendUnauthorized, 0)}, []time.Duration{0, 1}, channels.SendUnauthorized},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, end := context.WithCancel(t.Context())
				defer end()
				var log bytes.Buffer
				c.loop.Log, c.loop.Failed = slog.New(slog.NewTextHandler(&log, nil)), "not fetched"
				s := &steps{errs: c.errs, end: end, began: time.Now()}
				err := c.loop.Run(ctx, s.step)
				for i := range c.at {
					c.at[i] *= time.Second
				}
				if diff := cmp.Diff(c.at, s.at); diff != "" {
					t.Errorf("steps (-want +got):\n%s", diff)
				}
				if c.want == "" && err != nil || c.want != "" && channels.AsSendError(err).Class != c.want {
					t.Errorf("Run: %v", err)
				}
				if !strings.Contains(log.String(), `level=WARN msg="not fetched" error=`) {
					t.Errorf("log %s", log.String())
				}
			})
		})
	}
}

// Until goes on after every error, and ends at once with ctx.
func TestLoopUntil(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := channels.Loop{Log: slog.New(slog.DiscardHandler)}
		s := &steps{errs: []error{classed(channels.SendUnauthorized, 0), errors.New("no"), nil}, began: time.Now()}
		if !l.Until(t.Context(), s.step) {
			t.Error("it has not succeeded")
		}
		if diff := cmp.Diff([]time.Duration{0, time.Second, 3 * time.Second}, s.at); diff != "" {
			t.Errorf("steps (-want +got):\n%s", diff)
		}
		ctx, end := context.WithTimeout(t.Context(), time.Minute)
		defer end()
		began := time.Now()
		if l.Until(ctx, func(context.Context) error { return classed(channels.SendThrottled, time.Hour) }) || time.Since(began) != time.Minute {
			t.Errorf("it ends after %v", time.Since(began))
		}
	})
}
