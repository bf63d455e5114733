package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/manyvox/manyvox/service/journal"
)

// connections is how many read beside the writer's.
const connections = 4

// reader reads what was committed, beside the writer.
type reader struct {
	pool        *sql.DB
	part        *sql.Stmt
	deadLetters *sql.Stmt
}

func newReader(ctx context.Context, file string) (*reader, error) {
	pool, err := connect(file, connections, "query_only(1)")
	if err != nil {
		return nil, err
	}
	r := &reader{pool: pool}
	r.part, err = pool.PrepareContext(ctx, `SELECT attempts, stored, body FROM outbox WHERE id = ?`)
	if err != nil {
		return nil, errors.Join(err, pool.Close())
	}
	r.deadLetters, err = pool.PrepareContext(ctx,
		`SELECT id, kind, reason, died, body FROM dead_letter WHERE id > ? ORDER BY id LIMIT ?`)
	if err != nil {
		return nil, errors.Join(err, r.part.Close(), pool.Close())
	}
	return r, nil
}

func (r *reader) close() error {
	return errors.Join(r.part.Close(), r.deadLetters.Close(), r.pool.Close())
}

// readPart reads a claimed part.
func (r *reader) readPart(ctx context.Context, c journal.Claim) (journal.Delivery, error) {
	d := journal.Delivery{Claim: c}
	var stored int64
	var body []byte
	if err := r.part.QueryRowContext(ctx, c.Row).Scan(&d.Attempts, &stored, &body); err != nil {
		return d, fmt.Errorf("journal sqlite: part %d: %w", c.Row, err)
	}
	d.Stored = time.UnixMicro(stored)
	var err error
	d.Part, err = decodePart(body)
	return d, err
}

func (r *reader) readDeadLetters(ctx context.Context, after int64, limit int) ([]journal.DeadLetter, error) {
	rows, err := r.deadLetters.QueryContext(ctx, after, limit)
	if err != nil {
		return nil, fmt.Errorf("journal sqlite: dead letters: %w", err)
	}
	defer rows.Close() //nolint:errcheck // Err has it
	var list []journal.DeadLetter
	for rows.Next() {
		d, err := scanDeadLetter(rows)
		if err != nil {
			return nil, fmt.Errorf("journal sqlite: dead letter: %w", err)
		}
		list = append(list, d)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("journal sqlite: dead letters: %w", err)
	}
	return list, nil
}

func scanDeadLetter(rows *sql.Rows) (d journal.DeadLetter, err error) {
	var died int64
	var body []byte
	if err := rows.Scan(&d.ID, &d.Kind, &d.Reason, &died, &body); err != nil {
		return d, err
	}
	d.Died = time.UnixMicro(died)
	if d.Kind == journal.KindUndelivered {
		p, err := decodePart(body)
		d.Part = &p
		return d, err
	}
	m, err := decodeMessage(body)
	d.Message = &m
	return d, err
}
