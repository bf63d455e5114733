package postgres

import "github.com/jackc/pgx/v5"

// doubtColumn is a migration.
const doubtColumn = `
-- doubtful says that a replica whose claim of the part was taken over may have sent it.
ALTER TABLE outbox ADD COLUMN doubtful boolean NOT NULL DEFAULT false;
`

const writeDoubt = `UPDATE outbox SET doubtful = true WHERE row = ANY($1)`

// doubt marks parts whose claims are taken over.
func (t *tx) doubt(rows []int64) {
	if len(rows) > 0 {
		t.statements = append(t.statements, func(b *pgx.Batch) { b.Queue(writeDoubt, rows) })
	}
}
