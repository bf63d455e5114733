package worker_test

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/manyvox/manyvox/service/worker"
)

// Equal error lines of an outage are written at growing intervals; others are not held
// back.
func TestOutageLog(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		log := worker.OutageLog(slog.New(slog.NewTextHandler(&out, nil)))
		lines := func() int { return strings.Count(out.String(), "msg=journal") }
		fail := func(seconds int) {
			for range seconds * 10 {
				log.Error("journal", "error", errors.New("connection refused"))
				time.Sleep(time.Second / 10)
			}
		}
		fail(9)
		if lines() != 1 {
			t.Errorf("%d lines in 9 s", lines())
		}
		fail(3)
		if lines() != 2 || !strings.Contains(out.String(), "equal_lines_left_out=99") {
			t.Errorf("%d lines in 12 s: %s", lines(), out.String())
		}
		fail(3600)
		if n := lines(); n < 8 || n > 14 {
			t.Errorf("%d lines in an hour", n)
		}
		before := lines()
		log.Error("journal", "error", errors.New("disk full"))
		log.With("channel", "chat").Error("journal", "error", errors.New("connection refused"))
		log.Warn("journal", "error", "connection refused")
		log.Warn("journal", "error", "connection refused")
		if n := lines() - before; n != 4 {
			t.Errorf("%d of 4 other lines are written", n)
		}
		time.Sleep(2 * time.Hour)
		before = lines()
		fail(11)
		if n := lines() - before; n != 2 {
			t.Errorf("a new outage has %d lines in 11 s, want 2", n)
		}
	})
}
