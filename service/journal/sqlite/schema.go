package sqlite

import (
	"context"
	"database/sql"
	"fmt"
)

// major is the schema's major version: a program refuses a file with a higher one.
// The minor version is how many migrations were applied; a file that has more than a
// program knows still serves it, since migrations only add. SQLite keeps both in
// user_version, as major*1000 + minor.
const major = 1

// migrations in the order in which they are applied, each in a transaction.
//
// Times are microseconds since 1970. What was never tried is due at 0, whatever becomes
// of the clock. A row's position is the number that it had first,
// when it was replayed; conversations are worked on in the order of positions.
var migrations = []string{`
CREATE TABLE store (openings INTEGER NOT NULL);
INSERT INTO store VALUES (0);

CREATE TABLE inbox (
	id       INTEGER PRIMARY KEY AUTOINCREMENT,
	position INTEGER,
	channel  TEXT NOT NULL,
	sender   TEXT NOT NULL,
	attempts INTEGER NOT NULL DEFAULT 0,
	shown    INTEGER NOT NULL DEFAULT 0,
	due      INTEGER NOT NULL DEFAULT 0,
	stored   INTEGER NOT NULL,
	body     BLOB NOT NULL
);

CREATE TABLE delivery (
	channel TEXT NOT NULL,
	sender  TEXT NOT NULL,
	id      TEXT NOT NULL,
	expires INTEGER NOT NULL,
	PRIMARY KEY (channel, sender, id)
) WITHOUT ROWID;
CREATE INDEX delivery_expires ON delivery (expires);

CREATE TABLE outbox (
	id       INTEGER PRIMARY KEY AUTOINCREMENT,
	position INTEGER,
	channel  TEXT NOT NULL,
	sender   TEXT NOT NULL,
	attempts INTEGER NOT NULL DEFAULT 0,
	due      INTEGER NOT NULL DEFAULT 0,
	stored   INTEGER NOT NULL,
	body     BLOB NOT NULL
);

CREATE TABLE dead_letter (
	id       INTEGER PRIMARY KEY AUTOINCREMENT,
	kind     TEXT NOT NULL,
	position INTEGER NOT NULL,
	channel  TEXT NOT NULL,
	sender   TEXT NOT NULL,
	reason   TEXT NOT NULL,
	died     INTEGER NOT NULL,
	body     BLOB NOT NULL
);
`}

// migrate brings the file to this program's schema.
func migrate(ctx context.Context, db *sql.DB) error {
	var version int
	if err := db.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
		return err
	}
	if version/1000 > major {
		return fmt.Errorf("schema %d.%d is newer than this program, which knows %d", version/1000, version%1000, major)
	}
	for applied := version % 1000; applied < len(migrations); applied++ {
		if err := apply(ctx, db, applied); err != nil {
			return fmt.Errorf("migration %d: %w", applied+1, err)
		}
	}
	return nil
}

func apply(ctx context.Context, db *sql.DB, i int) error {
	t, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer t.Rollback() //nolint:errcheck // nothing is left to roll back after Commit
	if _, err := t.ExecContext(ctx, migrations[i]); err != nil {
		return err
	}
	if _, err := t.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d", major*1000+i+1)); err != nil {
		return err
	}
	return t.Commit()
}
