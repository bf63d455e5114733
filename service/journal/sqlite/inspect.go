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

// Inspect is journal.Inspector's. It reads all pages, and fails when one is damaged or
// something is missing.
func (*Config) Inspect(ctx context.Context, env journal.Env) (journal.Inspection, error) {
	file := filepath.Join(env.DataDir, fileName)
	i := journal.Inspection{
		Place: file, Depth: journal.Depth{Free: freeBytes(env.DataDir)},
		Waiting: map[string]journal.Waiting{},
	}
	if err := checkPresent(env.DataDir); err != nil {
		return journal.Inspection{}, fmt.Errorf("journal %s: %w", env.DataDir, err)
	}
	if fileSize(file) <= 0 {
		return i, nil
	}
	i.Bytes = fileSize(file) + max(0, fileSize(file+"-wal"))
	if err := inspect(ctx, file, &i); err != nil {
		return journal.Inspection{}, fmt.Errorf("journal %s: %w", env.DataDir, describeDamage(err))
	}
	return i, nil
}

// fileSize returns -1 when there is no file.
func fileSize(file string) int64 {
	info, err := os.Stat(file)
	if err != nil {
		return -1
	}
	return info.Size()
}

// inspect reads again when a process opened or closed the journal meanwhile, since the
// files must be opened in another way then.
func inspect(ctx context.Context, file string, i *journal.Inspection) error {
	for attempts := 3; ; attempts-- {
		open := isOpen(file)
		err := readCounts(ctx, file, open, i)
		if isOpen(file) == open || attempts == 0 {
			return err
		}
	}
}

// isOpen reports whether a process has the journal open, or was killed when it had:
// only then are there files beside it.
func isOpen(file string) bool { return fileSize(file+"-wal") >= 0 && fileSize(file+"-shm") >= 0 }

// readCounts reads how much waits, without SQLite making any file. A file that no process
// has open is complete without the log: https://sqlite.org/wal.html#read_only_databases
func readCounts(ctx context.Context, file string, open bool, i *journal.Inspection) error {
	query := url.Values{"mode": {"ro"}, "readonly_shm": {"1"}}
	if !open {
		if fileSize(file+"-wal") > 0 {
			return errors.New("the file that belongs to journal.db-wal, journal.db-shm, is missing; start the program once")
		}
		query = url.Values{"immutable": {"1"}}
	}
	db, err := openDatabase(file, 1, query)
	if err != nil {
		return err
	}
	return errors.Join(readAll(ctx, file, db, i), db.Close())
}

// readAll looks for what is missing or damaged before it counts.
func readAll(ctx context.Context, file string, db *sql.DB, i *journal.Inspection) error {
	if err := checkPages(ctx, db); err != nil {
		return err
	}
	if err := checkProgress(ctx, filepath.Dir(file), db); err != nil {
		return err
	}
	return countAll(ctx, db, i)
}

// countAll counts in one transaction.
func countAll(ctx context.Context, db *sql.DB, i *journal.Inspection) error {
	migrated, err := minorVersion(ctx, db)
	if err != nil || migrated == 0 {
		return err
	}
	t, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer t.Rollback() //nolint:errcheck // it has changed nothing
	inbox, err := countRows(ctx, t, "inbox")
	if err != nil {
		return err
	}
	outbox, err := countRows(ctx, t, "outbox")
	if err != nil {
		return err
	}
	i.Waiting, i.Inbox, i.Outbox = journal.WaitingOf(inbox, outbox), 0, 0
	for _, w := range i.Waiting {
		i.Inbox += w.Inbox
		i.Outbox += w.Outbox
	}
	return t.QueryRowContext(ctx, countDeadLetters).Scan(&i.DeadLetters)
}

// countRows returns how many rows of the table each channel has.
func countRows(ctx context.Context, t *sql.Tx, table string) (map[string]int, error) {
	rows, err := t.QueryContext(ctx, fmt.Sprintf(countByChannel, table))
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
