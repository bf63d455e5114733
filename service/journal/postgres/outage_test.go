//go:build unix

package postgres_test

import (
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/manyvox/manyvox/service/journal/postgres"
)

// An outage is logged when it begins, at growing intervals, and when it is over, however
// many calls fail in it.
func TestOutage(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		lines := newLogLines()
		report := postgres.ReportOutage(slog.New(slog.NewTextHandler(lines, nil)), "the heartbeat")
		began := time.Now()
		var at []time.Duration
		for range 3600 {
			before := len(lines.with(""))
			report(errors.New("no connection"))
			if len(lines.with("")) > before {
				at = append(at, time.Since(began))
			}
			time.Sleep(time.Second)
		}
		if len(at) != 11 || at[0] != 0 || at[1] != 10*time.Second || at[2] != 30*time.Second || at[10]-at[9] != 10*time.Minute {
			t.Errorf("lines at %v", at)
		}
		before := len(lines.with(""))
		report(nil)
		report(nil)
		all := lines.with("")
		if len(all) != before+1 || !strings.Contains(all[before], "works again") || !strings.Contains(all[before], "failures=3600") {
			t.Errorf("lines at the end %q", all[before:])
		}
		report(errors.New("again"))
		if n := len(lines.with("")); n != before+2 {
			t.Errorf("%d lines when it begins again", n-before-1)
		}
	})
}

// While the database is away the heartbeat is logged once.
func TestHeartbeatIsLoggedOnce(t *testing.T) {
	t.Parallel()
	server := shared.get(t)
	proxy := server.Proxy(t)
	lines := newLogLines()
	o := shortLease()
	o.Log, o.Heartbeat, o.Timeout = slog.New(slog.NewTextHandler(lines, nil)), 20*time.Millisecond, 100*time.Millisecond
	openReplica(t, proxy.URL(server.Database(t)), o)
	proxy.Cut()
	<-lines.first
	time.Sleep(time.Second) // many fail
	if found := lines.with("the heartbeat"); len(found) != 1 {
		t.Errorf("the log has %d lines, such as %s", len(found), found[0])
	}
	proxy.Restore()
	eventually(t, func() bool { return len(lines.with("works again")) == 1 })
}
