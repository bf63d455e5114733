package sqlite

import (
	"context"
	"database/sql"
	"fmt"
)

// major is the schema's major version: a program refuses a file with a higher one.
//
// The minor version is how many migrations were applied. A program also works on a file
// that had more migrations than it knows, since migrations only add. SQLite keeps both
// versions in user_version, as major*1000 + minor.
const major = 1

// migrations are applied in this order, each in a transaction. A program that knows only
// the first few of them works on a file that had them all.
//
// Times are microseconds since 1970. A row that was never tried is due at 0, so that it is
// due even when the clock is set back. A row's position is null until it was replayed; then
// it is the number that the row had first. The rows of a conversation are worked on in the
// order of positions.
//
// From the second migration on:
//   - All events up to the cursor store.swept were deleted for their age.
//   - A delivery with a state is that of an asked message. Its turn gave so many replies;
//     they are events from the cursor delivery.event on, or not kept when that is null.
//   - A conversation is deleted with the last event of its messages, so that it needs no
//     index by time. Its column seen may be a day late: see seenFor.
//   - A dead letter that could not be read has its bytes in raw. Its body then has only the
//     channel and the sender, since the first version must be able to read it.
//
// From the third migration on:
//   - A message's attempts began so often as begun says, those that were deferred included.
//     Its event is appended when begun becomes 1.
//   - A row's due was written at postponed; 0 is not known.
//   - A row of event has so many further events behind the first, which the other columns
//     and the beginning of the body are about. Its cursor is that of the last.
//   - The dead letter of a part has always the kind "undelivered"; expired tells the two
//     kinds apart. Earlier versions replay any other kind as a message.
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
`, `
ALTER TABLE store ADD COLUMN swept INTEGER NOT NULL DEFAULT 0;

CREATE TABLE event (
	cursor     INTEGER PRIMARY KEY AUTOINCREMENT,
	channel    TEXT NOT NULL,
	sender     TEXT NOT NULL,
	kind       TEXT NOT NULL,
	message_id TEXT NOT NULL,
	time       INTEGER NOT NULL,
	body       BLOB NOT NULL
);
CREATE INDEX event_conversation ON event (channel, sender);
CREATE INDEX event_channel ON event (channel);

CREATE TABLE conversation (
	channel TEXT NOT NULL,
	sender  TEXT NOT NULL,
	address TEXT NOT NULL,
	seen    INTEGER NOT NULL,
	PRIMARY KEY (channel, sender)
) WITHOUT ROWID;

ALTER TABLE delivery ADD COLUMN digest BLOB;
ALTER TABLE delivery ADD COLUMN state TEXT;
ALTER TABLE delivery ADD COLUMN token INTEGER;
ALTER TABLE delivery ADD COLUMN shown INTEGER NOT NULL DEFAULT 0;
ALTER TABLE delivery ADD COLUMN replies INTEGER NOT NULL DEFAULT 0;
ALTER TABLE delivery ADD COLUMN event INTEGER;
CREATE INDEX delivery_running ON delivery (channel, sender, id) WHERE state = 'running';

ALTER TABLE dead_letter ADD COLUMN raw BLOB;
`, `
ALTER TABLE inbox ADD COLUMN begun INTEGER NOT NULL DEFAULT 0;
ALTER TABLE inbox ADD COLUMN postponed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE outbox ADD COLUMN postponed INTEGER NOT NULL DEFAULT 0;

ALTER TABLE dead_letter ADD COLUMN expired INTEGER NOT NULL DEFAULT 0;
ALTER TABLE event ADD COLUMN further INTEGER NOT NULL DEFAULT 0;

CREATE INDEX dead_letter_conversation ON dead_letter (channel, sender, kind);
CREATE INDEX dead_letter_channel ON dead_letter (channel);
CREATE INDEX dead_letter_died ON dead_letter (died);
`, settingTable, liveColumns, mediumTables, choiceTable, eventIndexTable, pausedTable, aliasTable}

// migrate applies the migrations that the file lacks, each in a transaction of its own,
// and reports each transaction.
func migrate(ctx context.Context, db *sql.DB, migrations []string, report func(context.Context, error)) error {
	applied, err := minorVersion(ctx, db)
	if err != nil {
		return err
	}
	for ; applied < len(migrations); applied++ {
		err := apply(ctx, db, migrations[applied], applied+1)
		report(ctx, err)
		if err != nil {
			return fmt.Errorf("migration %d: %w", applied+1, err)
		}
	}
	return nil
}

// minorVersion returns how many migrations the file had. It fails when this program can't
// use the file.
func minorVersion(ctx context.Context, db *sql.DB) (int, error) {
	var version int
	if err := db.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
		return 0, err
	}
	if version/1000 > major {
		return 0, fmt.Errorf("schema %d.%d is newer than this program, which knows %d", version/1000, version%1000, major)
	}
	return version % 1000, nil
}

// apply applies one migration and sets the minor version in the same transaction.
func apply(ctx context.Context, db *sql.DB, migration string, minor int) error {
	t, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer t.Rollback() //nolint:errcheck // nothing is left to roll back after Commit
	if _, err := t.ExecContext(ctx, migration); err != nil {
		return err
	}
	if _, err := t.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d", major*1000+minor)); err != nil {
		return err
	}
	return t.Commit()
}
