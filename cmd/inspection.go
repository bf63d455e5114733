package cmd

import (
	"context"
	"fmt"
	"log/slog"
	"strings"

	"github.com/manyvox/manyvox/service/journal"
)

// inspect looks at the journal, if the store can be inspected without being opened; else it
// returns nil.
func (c *checkCommand) inspect(ctx context.Context, l *loaded, log *slog.Logger) (*journal.Inspection, error) {
	store, ok := l.Store.(journal.Inspector)
	if !ok {
		return nil, nil // nothing is no error
	}
	found, err := store.Inspect(ctx, journal.Env{DataDir: c.DataDir, Log: log, Retention: l.Retention})
	if err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	return &found, nil
}

// describeWaiting says in words what waits.
func describeWaiting(w journal.Waiting) string {
	var list []string
	if w.Inbox > 0 {
		list = append(list, plural(w.Inbox, "message")+" to be answered")
	}
	if w.Outbox > 0 {
		list = append(list, plural(w.Outbox, "part")+" to be sent")
	}
	return strings.Join(list, ", ")
}

// formatBytes returns a number of bytes in a unit that people read.
func formatBytes(bytes int64) string {
	const kib, mib = 1 << 10, 1 << 20
	switch {
	case bytes >= mib:
		return fmt.Sprintf("%.1f MiB", float64(bytes)/mib)
	case bytes >= kib:
		return fmt.Sprintf("%.1f KiB", float64(bytes)/kib)
	}
	return plural(bytes, "byte")
}
