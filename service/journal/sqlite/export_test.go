package sqlite

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/manyvox/manyvox/service/journal"
)

// OnNetwork returns options for a directory on a network file system.
func (o Options) OnNetwork(name string) Options {
	o.network = func(string) (string, error) { return name, nil }
	return o
}

// OptionsOf returns the options with which the program opens the store.
func OptionsOf(env journal.Env) Options { return optionsOf(env) }

// WatchedEvery returns options with which an idle store looks at its files so often.
func (o Options) WatchedEvery(d time.Duration) Options {
	o.watchEvery = d
	return o
}

// Indexing returns options with which so many rows of events may be without an entry.
func (o Options) Indexing(rows int) Options {
	o.maxRecent = rows
	return o
}

// SlowEvents is Events with a pause before it looks into the file.
func (s *Store) SlowEvents(ctx context.Context, f journal.EventFilter, after int64, limit int, pause func()) (journal.EventPage, error) {
	q := s.eventQuery(f, after, limit)
	pause()
	page, _, err := s.reader.readEvents(ctx, q)
	return page, err
}

// Exec runs a statement on the writer's connection, outside of its transactions.
func (s *Store) Exec(ctx context.Context, statement string) error {
	_, err := s.writer.statements.conn.ExecContext(ctx, statement)
	return err
}

// Knowing returns options for a program that knows only the first migrations.
func (o Options) Knowing(n int) Options {
	o.migrations = migrations[:n]
	return o
}

// Migrations is how many migrations there are.
func Migrations() int { return len(migrations) }

// FirstSchema is that of the first release.
func FirstSchema() string { return migrations[0] + "PRAGMA user_version = 1001;" }

// Reads returns the statements of the reader.
func Reads() []string { return texts((&reader{}).sources()) }

// Writes returns the statements of the writer.
func Writes() []string { return texts((&statements{}).sources()) }

// StartAndCheck returns the statements of the start and of Inspect.
func StartAndCheck() []string {
	list := []string{endOrphans, countOpening, countDeadLetters}
	for _, table := range []string{"inbox", "outbox"} {
		list = append(list, fmt.Sprintf(loadAll, table), fmt.Sprintf(countByChannel, table))
	}
	return list
}

func texts(sources []source) []string {
	list := make([]string, len(sources))
	for i, s := range sources {
		list[i] = s.text
	}
	return list
}

// Query returns the last column of what a statement returns, line by line.
func (s *Store) Query(ctx context.Context, statement string) (string, error) {
	rows, err := s.reader.pool.QueryContext(ctx, statement)
	if err != nil {
		return "", err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return "", err
	}
	var lines []string
	for rows.Next() {
		values := make([]any, len(columns))
		for i := range values {
			values[i] = new(any)
		}
		if err := rows.Scan(values...); err != nil {
			return "", err
		}
		lines = append(lines, fmt.Sprint(*values[len(values)-1].(*any)))
	}
	return strings.Join(lines, "\n"), rows.Err()
}

// SetFree replaces the free bytes that the system returned last.
func (s *Store) SetFree(bytes int64) {
	s.space.mu.Lock()
	defer s.space.mu.Unlock()
	s.space.free = bytes
}

// Busy keeps the writer busy until release is closed, so that the calls made
// meanwhile share a transaction.
func (s *Store) Busy(release <-chan struct{}) error {
	return s.writer.do(context.Background(), func(*tx) error {
		<-release
		return nil
	})
}

// Corrupt damages a row, so that it can't be read.
func (s *Store) Corrupt(ctx context.Context, row int64, outbox bool) error {
	table := "inbox"
	if outbox {
		table = "outbox"
	}
	return s.Exec(ctx, fmt.Sprintf("UPDATE %s SET body = '{' WHERE id = %d", table, row))
}

// Check has SQLite look for damage in the file.
func (s *Store) Check(ctx context.Context) error {
	var found string
	if err := s.reader.pool.QueryRowContext(ctx, "PRAGMA integrity_check").Scan(&found); err != nil {
		return err
	}
	if found != "ok" {
		return fmt.Errorf("integrity check: %s", found)
	}
	return nil
}

// MaxAddresses is how many conversations each half of the cache of addresses has.
const MaxAddresses = maxAddresses

// CachedAddresses returns how many conversations the cache has. Nothing may be written
// meanwhile.
func (s *Store) CachedAddresses() int { return len(s.addresses.recent) + len(s.addresses.older) }
