package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
)

// A commit that was sent and not answered may have happened or not: the connection was
// lost, or the server was. The commit marker says which. Each replica has a row in the table
// mark, whose number each of its transactions raises by one, with all else that it
// changes. A number that is as high as the transaction's says that it was committed.
//
// The number of a transaction (pg_xact_status) can't serve: a server that crashed gives
// those again that it had not written down, and then speaks of another one.

// resolveInterval is how long resolve waits between two questions.
const resolveInterval = 10 * time.Millisecond

// readMarker waits for the transaction if it goes on, since that has locked the row.
const readMarker = `SELECT number FROM mark WHERE replica = $1 FOR UPDATE`

// resolve finds out what became of a transaction whose commit was sent and not answered. It
// returns nil when it was committed. While the database can't be asked it waits; nothing
// else could be done meanwhile, and callers give up after Options.Timeout by themselves.
func (w *writer) resolve(t *tx, cause error) error {
	for {
		number, err := w.readMarker(t.replica)
		switch {
		case err == nil && number >= t.marker:
			// Others may have taken over since: then what was claimed must not be handed out.
			w.store.lease.recheck()
			return nil
		case err == nil:
			return cause
		case errors.Is(err, pgx.ErrNoRows): // it was so long ago that the marker was swept
			w.store.lease.abandon()
			return errors.Join(cause, errUnknownOutcome)
		}
		if !sleep(context.Background(), resolveInterval, w.closing) {
			return errors.Join(cause, errUnknownOutcome)
		}
	}
}

func (w *writer) readMarker(replica int64) (number int64, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), w.store.options.Timeout)
	defer cancel()
	err = w.pool.QueryRow(ctx, readMarker, replica).Scan(&number)
	return number, err
}
