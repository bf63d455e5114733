package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	"github.com/manyvox/manyvox/service/journal"
)

// Inspect is journal.Inspector's.
func (*Config) Inspect(ctx context.Context, env journal.Env) (journal.Inspection, error) {
	file := filepath.Join(env.DataDir, fileName)
	i := journal.Inspection{
		Place: file, Depth: journal.Depth{Free: freeBytes(env.DataDir)},
		Waiting: map[string]journal.Waiting{},
	}
	if size(file) <= 0 {
		return i, nil
	}
	i.Bytes = size(file) + max(0, size(file+"-wal"))
	if err := inspect(ctx, file, &i); err != nil {
		return journal.Inspection{}, fmt.Errorf("journal %s: %w", env.DataDir, err)
	}
	return i, nil
}

// size returns -1 when there is no file.
func size(file string) int64 {
	info, err := os.Stat(file)
	if err != nil {
		return -1
	}
	return info.Size()
}

// inspect looks again when a process opened or closed the journal meanwhile, since the
// files are read in another way then.
func inspect(ctx context.Context, file string, i *journal.Inspection) error {
	for attempts := 3; ; attempts-- {
		open := isOpen(file)
		err := look(ctx, file, open, i)
		if isOpen(file) == open || attempts == 0 {
			return err
		}
	}
}

// isOpen reports whether a process has the journal open, or was killed when it had:
// only then are there files beside it.
func isOpen(file string) bool { return size(file+"-wal") >= 0 && size(file+"-shm") >= 0 }

// look reads how much waits, and makes SQLite make no files. Files that no process has
// open are complete without the log: https://sqlite.org/wal.html#read_only_databases
func look(ctx context.Context, file string, open bool, i *journal.Inspection) error {
	query := url.Values{"mode": {"ro"}, "readonly_shm": {"1"}}
	if !open {
		if size(file+"-wal") > 0 {
			return errors.New("the file that belongs to journal.db-wal, journal.db-shm, is missing; start the program once")
		}
		query = url.Values{"immutable": {"1"}}
	}
	db, err := dial(file, 1, query)
	if err != nil {
		return err
	}
	return errors.Join(tally(ctx, db, i), db.Close())
}

// tally counts in one transaction.
func tally(ctx context.Context, db *sql.DB, i *journal.Inspection) error {
	migrated, err := minor(ctx, db)
	if err != nil || migrated == 0 {
		return err
	}
	t, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer t.Rollback() //nolint:errcheck // it has changed nothing
	inbox, err := byChannel(ctx, t, "inbox")
	if err != nil {
		return err
	}
	outbox, err := byChannel(ctx, t, "outbox")
	if err != nil {
		return err
	}
	i.Waiting, i.Inbox, i.Outbox = journal.WaitingOf(inbox, outbox), 0, 0
	for _, w := range i.Waiting {
		i.Inbox += w.Inbox
		i.Outbox += w.Outbox
	}
	return t.QueryRowContext(ctx, `SELECT count(*) FROM dead_letter`).Scan(&i.DeadLetters)
}

func byChannel(ctx context.Context, t *sql.Tx, table string) (map[string]int, error) {
	rows, err := t.QueryContext(ctx, fmt.Sprintf(`SELECT channel, count(*) FROM %s GROUP BY channel`, table))
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // Err has it
	counts := map[string]int{}
	for rows.Next() {
		var name string
		var n int
		if err := rows.Scan(&name, &n); err != nil {
			return nil, err
		}
		counts[name] = n
	}
	return counts, rows.Err()
}

var _ journal.Inspector = (*Config)(nil)
