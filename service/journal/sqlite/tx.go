package sqlite

import (
	"context"
	"database/sql"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// tx is what the operations of one transaction share. Its statements have no caller's
// context: the end of one may not interrupt the others.
type tx struct {
	*statements
	// now is cut to what the file keeps.
	now time.Time
	// endedTurns and endedParts are the rows whose claim ends when the transaction
	// commits.
	endedTurns, endedParts map[int64]bool
	// newest is the cursor of the last event that the transaction appended; noted says
	// that there is one.
	newest int64
	noted  bool
	// committed and failed tell the lines how the transaction ended.
	committed, failed []func()
}

func newTx(s *statements) *tx {
	return &tx{
		statements: s, now: time.Now().Truncate(time.Microsecond),
		endedTurns: map[int64]bool{}, endedParts: map[int64]bool{},
	}
}

func (t *tx) onCommit(f func())  { t.committed = append(t.committed, f) }
func (t *tx) onFailure(f func()) { t.failed = append(t.failed, f) }

func (*tx) tell(fs []func()) {
	for _, f := range fs {
		f()
	}
}

// exec runs a statement that changes something.
func (*tx) exec(stmt *sql.Stmt, args ...any) error {
	_, err := stmt.ExecContext(context.Background(), args...)
	return err
}

// insert returns the new row's number.
func (*tx) insert(stmt *sql.Stmt, args ...any) (int64, error) {
	result, err := stmt.ExecContext(context.Background(), args...)
	if err != nil {
		return 0, err
	}
	return result.LastInsertId()
}

// changes returns how many rows were changed.
func (*tx) changes(stmt *sql.Stmt, args ...any) (int64, error) {
	result, err := stmt.ExecContext(context.Background(), args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// query runs a statement that returns one row.
func (*tx) query(stmt *sql.Stmt, args ...any) *sql.Row {
	return stmt.QueryRowContext(context.Background(), args...)
}

// numbers runs a statement that returns numbers.
func (*tx) numbers(stmt *sql.Stmt, args ...any) (all []int64, err error) {
	rows, err := stmt.QueryContext(context.Background(), args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // Err has it
	for rows.Next() {
		var n int64
		if err := rows.Scan(&n); err != nil {
			return nil, err
		}
		all = append(all, n)
	}
	return all, rows.Err()
}

// rememberKey notes a message's key and reports whether it is new.
func (t *tx) rememberKey(k journal.Key, window time.Duration, digest []byte) (bool, error) {
	n, err := t.changes(t.remember, k.Channel, k.Sender, k.ID, t.now.Add(window).UnixMicro(), t.now.UnixMicro(), digest)
	return n > 0, err
}

// stage takes a place in a line for a row that the transaction stores.
func stage[T any](t *tx, l *journal.Lines[T], c channels.Conversation) *journal.Place[T] {
	p := l.Stage(c)
	t.onFailure(func() { l.Withdraw(p) })
	return p
}
