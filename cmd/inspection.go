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

// tellJournal tells what the journal holds, where the store can tell without being
// opened, and warns of what waits for channels that are not there.
func (c *checkCommand) tellJournal(ctx context.Context, out io.Writer, l *loaded, log *slog.Logger) error {
	store, ok := l.Store.(journal.Inspector)
	if !ok {
		return nil
	}
	found, err := store.Inspect(ctx, journal.Env{DataDir: c.DataDir, Log: log, Retention: l.Retention})
	if err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	fmt.Fprintf(out, "journal: %s, %s, %s, %s\n", l.StoreType, found.Place, size(found.Bytes), plural(found.DeadLetters, "dead letter"))
	for _, name := range slices.Sorted(maps.Keys(found.Waiting)) {
		fmt.Fprintf(out, "  %s: %s\n", name, waits(found.Waiting[name]))
		if !slices.Contains(l.ChannelNames(), name) && c.Connector == "" {
			l.Warnings = append(l.Warnings, fmt.Sprintf("channel %s is not configured any more: what waits for it waits until it returns", name))
		}
	}
	return nil
}

func waits(w journal.Waiting) string {
	var list []string
	if w.Inbox > 0 {
		list = append(list, plural(w.Inbox, "message")+" to be answered")
	}
	if w.Outbox > 0 {
		list = append(list, plural(w.Outbox, "part")+" to be sent")
	}
	return strings.Join(list, ", ")
}

// size writes a number of bytes for people.
func size(bytes int64) string {
	const kib, mib = 1 << 10, 1 << 20
	switch {
	case bytes >= mib:
		return fmt.Sprintf("%.1f MiB", float64(bytes)/mib)
	case bytes >= kib:
		return fmt.Sprintf("%.1f KiB", float64(bytes)/kib)
	}
	return plural(bytes, "byte")
}
