package sqlite

import (
	"context"
	"database/sql"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/scheduler"
)

// tx is what the operations of one transaction share. Its statements run without a
// caller's context: when the context of one caller ends, the operations of the others go
// on.
type tx struct {
	*statements
	// now is cut to microseconds, as times in the file are, so that a row reads the same
	// whether it was read or handed over.
	now time.Time
	// endedTurns and endedParts are the rows whose claim ends when the transaction commits.
	// The schedulers do not know it before, so that operations of the same transaction ask
	// here too.
	endedTurns, endedParts map[int64]bool
	// newest is the cursor of the last event that the transaction appended; hasEvents says
	// that there is one.
	newest    int64
	hasEvents bool
	// afterCommit and afterRollback are called, in order, when the transaction was committed
	// or rolled back. They bring the schedulers and the counters up to date with the file.
	afterCommit, afterRollback []func()
}

func newTx(s *statements) *tx {
	return &tx{
		statements: s, now: time.Now().Truncate(time.Microsecond),
		endedTurns: map[int64]bool{}, endedParts: map[int64]bool{},
	}
}

func (t *tx) onCommit(f func())   { t.afterCommit = append(t.afterCommit, f) }
func (t *tx) onRollback(f func()) { t.afterRollback = append(t.afterRollback, f) }

// end calls what was registered for how the transaction ended.
func (t *tx) end(committed bool) {
	calls := t.afterRollback
	if committed {
		calls = t.afterCommit
	}
	for _, call := range calls {
		call()
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

// insertKey stores a message's key for its window and reports whether the key is new.
func (t *tx) insertKey(k journal.Key, window time.Duration, digest []byte) (bool, error) {
	n, err := t.changes(t.addKey, k.Channel, k.Sender, k.ID, t.now.Add(window).UnixMicro(), t.now.UnixMicro(), digest)
	return n > 0, err
}

// stage adds an entry to the conversation's queue for a row that the transaction stores,
// and withdraws it when the transaction is rolled back.
func stage[T any](t *tx, queues *scheduler.Scheduler[T], c channels.Conversation) *scheduler.Entry[T] {
	e := queues.Stage(c)
	t.onRollback(func() { queues.Withdraw(e) })
	return e
}
