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
	// now is the wall clock, cut to microseconds, as times in the file are. Stored is the
	// same moment by the program's clock, with a reading of the monotonic one.
	now, stored time.Time
	// endedTurns and endedParts are the rows whose claim ends when the transaction commits.
	// The schedulers do not know it before, so that operations of the same transaction ask
	// here too.
	endedTurns, endedParts map[int64]bool
	// addedTurns and addedParts are the rows that the transaction stores. The schedulers do
	// not know them either before it commits.
	addedTurns, addedParts []addedRow
	// newest is the cursor of the last event that the transaction appended; hasEvents says
	// that there is one.
	newest    int64
	hasEvents bool
	// hasAddresses says that the transaction gave a conversation its address.
	hasAddresses bool
	// afterCommit and afterRollback are called, in order, when the transaction was committed
	// or rolled back. They bring the schedulers and the counters up to date with the file.
	afterCommit, afterRollback []func()
}

// addedRow is a row that a transaction stores.
type addedRow struct {
	conversation channels.Conversation
	number       int64
}

func newTx(s *statements, now time.Time) *tx {
	return &tx{
		statements: s, now: now.Truncate(time.Microsecond), stored: time.Now(),
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

// wallTime returns what the file has for a time of the program's clock.
func (t *tx) wallTime(at time.Time) int64 { return t.now.Add(time.Until(at)).UnixMicro() }

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

// insertKey stores a message's key for its window and reports whether the key is new.
func (t *tx) insertKey(k journal.Key, window time.Duration, digest []byte) (bool, error) {
	n, err := t.changes(t.addKey, k.Channel, k.Sender, k.ID, t.now.Add(window).UnixMicro(), t.now.UnixMicro(), digest)
	return n > 0, err
}

// stage adds an entry to the conversation's queue for a row that the transaction stores,
// and withdraws it when the transaction is rolled back.
func stage[T any](t *tx, queues *scheduler.Scheduler[T], c channels.Conversation) *scheduler.Entry[T] {
	return stageIn(t, queues, c, false)
}

// stageIn is stage for a row that may be growing.
func stageIn[T any](t *tx, queues *scheduler.Scheduler[T], c channels.Conversation, growing bool) *scheduler.Entry[T] {
	add := queues.Stage
	if growing {
		add = queues.StageGrowing
	}
	e := add(c)
	t.onRollback(func() { queues.Withdraw(e) })
	return e
}
