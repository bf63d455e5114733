//go:build unix

package postgres_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/postgres"
)

// logLines are the lines of a log.
type logLines struct {
	mu    sync.Mutex
	lines []string
	// first is closed with the first line.
	first chan struct{}
}

func newLogLines() *logLines { return &logLines{first: make(chan struct{})} }

// Write is io.Writer's. It is called once for each line.
func (l *logLines) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.lines = append(l.lines, string(line)); len(l.lines) == 1 {
		close(l.first)
	}
	return len(line), nil
}

// with returns the lines that have a text.
func (l *logLines) with(text string) (found []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, line := range l.lines {
		if strings.Contains(line, text) {
			found = append(found, line)
		}
	}
	return found
}

// The store that is opened while the database is away waits for it, says so once, and
// serves when the database is back.
func TestOpenWaits(t *testing.T) {
	t.Parallel()
	server := shared.get(t)
	proxy := server.Proxy(t)
	proxy.Cut()
	lines := newLogLines()
	config := &postgres.Config{URL: channels.Secret(proxy.URL(server.Database(t)))}
	opened := make(chan error, 1)
	go func() {
		j, err := config.Open(t.Context(), journal.Env{
			Log: slog.New(slog.NewTextHandler(lines, nil)), Retention: time.Hour, StoreWait: testTimeout,
		})
		if err == nil {
			_, err = j.Enqueue(t.Context(), entryOf("ann", "1"))
			err = errors.Join(err, j.Close())
		}
		opened <- err
	}()
	<-lines.first // it waits
	select {
	case err := <-opened:
		t.Fatalf("Open returns error %v while the database is away", err)
	case <-time.After(2 * time.Second): // several tries fail meanwhile
	}
	proxy.Restore()
	if err := <-opened; err != nil {
		t.Error(err)
	}
	if found := lines.with("waits for the database"); len(found) != 1 {
		t.Errorf("the log has %q", found)
	}
}

// Open fails when the time to wait is over, at once without one, and at once for what does
// not pass by itself.
func TestOpenGivesUp(t *testing.T) {
	t.Parallel()
	server := shared.get(t)
	proxy := server.Proxy(t)
	away := proxy.URL(server.Database(t))
	proxy.Cut()
	for name, c := range map[string]struct {
		url  string
		wait time.Duration
	}{
		"away, and no time to wait":     {away, 0},
		"away, and the time is over":    {away, 10 * time.Millisecond},
		"there is no database":          {server.URL("nothing"), time.Hour},
		"the time is over before a try": {away, time.Nanosecond},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), testTimeout)
			defer cancel()
			s, err := postgres.Open(ctx, c.url, postgres.Options{Wait: c.wait})
			if err == nil {
				s.Close()
				t.Fatal("the store opens")
			}
			if ctx.Err() != nil || !strings.HasPrefix(err.Error(), "journal postgres: ") {
				t.Errorf("error %v", err)
			}
		})
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := postgres.Open(ctx, away, postgres.Options{Wait: time.Hour}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v of a context that has ended", err)
	}
}
