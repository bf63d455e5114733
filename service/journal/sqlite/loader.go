package sqlite

import (
	"context"
	"database/sql"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/scheduler"
)

// loader reads the rows that wait when the store is opened. From then on their ages and
// pauses are measured by the program's clock, which is monotonic: wall and now are one
// moment by both clocks.
type loader struct {
	db        *sql.DB
	wall, now time.Time
	// crashed says that the last program did not close the journal: it may have worked on the
	// first row of each conversation.
	crashed bool
}

// loadRows adds the rows that the query returns, in its order.
func loadRows[T any](ctx context.Context, l *loader, query string, queues *scheduler.Scheduler[T]) error {
	rows, err := l.db.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer rows.Close() //nolint:errcheck // Err has it
	seen := map[channels.Conversation]bool{}
	for rows.Next() {
		var r scheduler.Row[T]
		var due, postponed, stored int64
		c := &r.Conversation
		if err := rows.Scan(&r.Number, &r.Position, &c.Channel, &c.Sender, &due, &postponed, &stored); err != nil {
			return err
		}
		r.Stored = l.now.Add(-journal.Age(l.wall, time.UnixMicro(stored)))
		if pause := journal.Pause(l.wall, time.UnixMicro(due), time.UnixMicro(postponed)); pause > 0 {
			r.Due = l.now.Add(pause)
		}
		if l.crashed {
			r.Doubtful, seen[*c] = !seen[*c], true
		}
		queues.Add(r)
	}
	return rows.Err()
}
