package worker_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/worker"
)

func TestCommit(t *testing.T) {
	t.Parallel()
	full := errors.New("disk full")
	for _, c := range []struct {
		name   string
		errs   []error       // of the tries; the last one is that of all further ones
		limit  time.Duration // of ctx
		tries  int
		took   time.Duration
		err    error
		logged int
	}{
		{"at once", []error{nil}, time.Hour, 1, 0, nil, 0},
		{"after failures, with pauses that double", []error{full, full, full, nil}, time.Hour, 4, 7 * time.Second, nil, 1},
		{"after many, with pauses of 10 s", []error{full, full, full, full, full, full, nil}, time.Hour, 7, 35 * time.Second, nil, 1},
		{"the claim is lost", []error{fmt.Errorf("settle: %w", journal.ErrFenced)}, time.Hour, 1, 0, journal.ErrFenced, 0},
		{"the claim is lost later", []error{full, journal.ErrFenced}, time.Hour, 2, time.Second, journal.ErrFenced, 1},
		{"the journal is closed", []error{journal.ErrClosed}, time.Hour, 1, 0, journal.ErrClosed, 0},
		{"ctx ends in a pause", []error{full}, 2 * time.Second, 3, 2 * time.Second, full, 1},
		{"ctx has ended before", []error{full}, 0, 1, 0, full, 0},
		{"ctx has ended before, and it works", []error{nil}, 0, 1, 0, nil, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), c.limit)
				defer cancel()
				var log bytes.Buffer
				tries, began := 0, time.Now()
				err := worker.Commit(ctx, slog.New(slog.NewTextHandler(&log, nil)), func(ctx context.Context) error {
					if ctx.Err() != nil {
						t.Errorf("try %d has a ctx that has ended", tries)
					}
					tries++
					return c.errs[min(tries, len(c.errs))-1]
				})
				if !errors.Is(err, c.err) {
					t.Errorf("error %v, want %v", err, c.err)
				}
				if took := time.Since(began); tries != c.tries || took != c.took {
					t.Errorf("%d tries in %v, want %d in %v", tries, took, c.tries, c.took)
				}
				if n := strings.Count(log.String(), "disk full"); n != c.logged {
					t.Errorf("%d lines in the log, want %d: %s", n, c.logged, &log)
				}
			})
		})
	}
}
