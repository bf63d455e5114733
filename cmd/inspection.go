package cmd

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"slices"
	"strings"

	"github.com/manyvox/manyvox/service/journal"
)

// printJournal prints what the journal holds, if the store can be inspected without being
// opened. It adds a warning for each channel that messages or parts wait for and that is
// not configured.
func (c *checkCommand) printJournal(ctx context.Context, out io.Writer, l *loaded, log *slog.Logger) error {
	store, ok := l.Store.(journal.Inspector)
	if !ok {
		return nil
	}
	found, err := store.Inspect(ctx, journal.Env{DataDir: c.DataDir, Log: log, Retention: l.Retention})
	if err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	fmt.Fprintf(out, "journal: %s, %s, %s, %s\n", l.StoreType, found.Place, formatBytes(found.Bytes), plural(found.DeadLetters, "dead letter"))
	for _, name := range slices.Sorted(maps.Keys(found.Waiting)) {
		fmt.Fprintf(out, "  %s: %s\n", name, describeWaiting(found.Waiting[name]))
		if !slices.Contains(l.ChannelNames(), name) && c.Connector == "" {
			l.Warnings = append(l.Warnings, fmt.Sprintf("channel %s is not configured any more: what waits for it waits until it returns", name))
		}
	}
	return nil
}

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
