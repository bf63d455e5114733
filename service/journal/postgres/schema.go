package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// The tables keep the names of the first version. What the code calls what:
//
//	conversation.turn_*     the claim of the inbox's queue; turn_due is when its first row is due
//	conversation.turn_seat  conversation.byCaller: the claim is the lock of a caller of Acquire
//	conversation.part_*     the same of the outbox's queue
//	conversation.holder     conversation.readerAt, presence; woken is wokenToken
//	caller                  waiters
//	delivery                dedupeRow: what is known of a message by its key
//	hold                    leases of names
//	mark                    commit markers
//	replica                 the leases of the replicas
//	tally                   rowCounts

// major is the schema's major version: a program refuses a database with a higher one.
// The minor version is how many migrations were applied; a database that has more than
// a program knows still serves it, since migrations only add.
const major = 1

// migrationLock is the key of the advisory lock under which one replica migrates: "manyvox"
// in ASCII.
const migrationLock = 0x6d616e79766f78

// migrations in the order in which they are applied.
//
// Names and texts of strangers are bytea: text takes neither a zero byte nor what is not
// UTF-8, and its order depends on the machine. Times are microseconds since 1970 by the
// clock of the process, but for replica.until, which is of the database's. A claim of
// row 0 is none.
var migrations = []string{`
-- Numbers of rows, dead letters, tokens and replicas. It is asked once the
-- conversations are locked, and one at a time, so that in a conversation the numbers
-- rise with the order of commits.
CREATE SEQUENCE number CACHE 1;

CREATE TABLE replica (
	id    bigint PRIMARY KEY,
	until timestamptz NOT NULL
) WITH (fillfactor = 50);

-- The last transaction of each replica that was committed; a transaction that goes on
-- has its replica's row locked. By this a replica learns what became of a commit that
-- was not answered. (The number of a transaction can't serve: a server that crashed
-- gives those again that it had not written down.)
CREATE TABLE mark (
	replica bigint PRIMARY KEY,
	number  bigint NOT NULL,
	at      timestamptz NOT NULL
) WITH (fillfactor = 10);

CREATE TABLE hold (
	name    bytea PRIMARY KEY,
	replica bigint NOT NULL,
	token   bigint NOT NULL
);

-- The cursor of the newest event, and of the newest that was deleted for its age.
CREATE TABLE counter (
	event bigint NOT NULL,
	swept bigint NOT NULL
) WITH (fillfactor = 10);
INSERT INTO counter VALUES (0, 0);

-- The row of a conversation is its lock. turn_due and part_due are when the first of a
-- line may be claimed, and NULL while nothing may: the line is empty, or claimed, or a
-- caller is first in it.
CREATE TABLE conversation (
	channel      bytea   NOT NULL,
	sender       bytea   NOT NULL,
	address      bytea,
	seen         bigint  NOT NULL,
	turn_row     bigint  NOT NULL DEFAULT 0,
	turn_token   bigint  NOT NULL DEFAULT 0,
	turn_replica bigint  NOT NULL DEFAULT 0,
	turn_seat    boolean NOT NULL DEFAULT false,
	turn_due     bigint,
	part_row     bigint  NOT NULL DEFAULT 0,
	part_token   bigint  NOT NULL DEFAULT 0,
	part_replica bigint  NOT NULL DEFAULT 0,
	part_due     bigint,
	PRIMARY KEY (channel, sender)
) WITH (fillfactor = 70);
CREATE INDEX conversation_turn_due ON conversation (channel, turn_due) WHERE turn_due IS NOT NULL;
CREATE INDEX conversation_part_due ON conversation (channel, part_due) WHERE part_due IS NOT NULL;
CREATE INDEX conversation_turn_replica ON conversation (turn_replica) WHERE turn_replica <> 0;
CREATE INDEX conversation_part_replica ON conversation (part_replica) WHERE part_replica <> 0;
CREATE INDEX conversation_seen ON conversation (seen);

CREATE TABLE inbox (
	row      bigint PRIMARY KEY,
	channel  bytea  NOT NULL,
	sender   bytea  NOT NULL,
	position bigint NOT NULL,
	due      bigint NOT NULL,
	stored   bigint NOT NULL,
	attempts bigint NOT NULL,
	shown    bigint NOT NULL,
	body     bytea  NOT NULL
);
CREATE UNIQUE INDEX inbox_line ON inbox (channel, sender, position);

-- Callers of Acquire who wait, in the same line as the inbox's rows.
CREATE TABLE caller (
	row     bigint PRIMARY KEY,
	channel bytea  NOT NULL,
	sender  bytea  NOT NULL,
	replica bigint NOT NULL
);
CREATE INDEX caller_line ON caller (channel, sender, row);
CREATE INDEX caller_replica ON caller (replica);

CREATE TABLE outbox (
	row      bigint PRIMARY KEY,
	channel  bytea  NOT NULL,
	sender   bytea  NOT NULL,
	position bigint NOT NULL,
	due      bigint NOT NULL,
	stored   bigint NOT NULL,
	attempts bigint NOT NULL,
	body     bytea  NOT NULL
);
CREATE UNIQUE INDEX outbox_line ON outbox (channel, sender, position);

-- replies is how many replies the turn gave; their events have this message_id and a
-- cursor above after.
CREATE TABLE delivery (
	channel bytea  NOT NULL,
	sender  bytea  NOT NULL,
	id      bytea  NOT NULL,
	expires bigint NOT NULL,
	digest  bytea,
	state   text   NOT NULL,
	token   bigint NOT NULL,
	replica bigint NOT NULL,
	shown   bigint NOT NULL,
	replies bigint NOT NULL,
	after   bigint NOT NULL,
	PRIMARY KEY (channel, sender, id)
);
CREATE INDEX delivery_expires ON delivery (expires);

CREATE TABLE dead_letter (
	id       bigint PRIMARY KEY,
	kind     text    NOT NULL,
	part     boolean NOT NULL,
	channel  bytea   NOT NULL,
	sender   bytea   NOT NULL,
	position bigint  NOT NULL,
	died     bigint  NOT NULL,
	reason   bytea   NOT NULL,
	body     bytea   NOT NULL
);
CREATE INDEX dead_letter_channel ON dead_letter (channel, id);
CREATE INDEX dead_letter_conversation ON dead_letter (channel, sender);

CREATE TABLE event (
	cursor     bigint PRIMARY KEY,
	kind       text   NOT NULL,
	channel    bytea  NOT NULL,
	sender     bytea  NOT NULL,
	message_id bytea  NOT NULL,
	time       bigint NOT NULL,
	body       bytea  NOT NULL
);
CREATE INDEX event_channel ON event (channel, cursor);
CREATE INDEX event_conversation ON event (channel, sender, cursor);
`, `
-- holder is the replica to whose process the reader of a conversation is connected: no
-- other claims parts of it. One that is not in replica any more is none, so that nobody
-- has to clear what a dead one held. woken is the token of a part's claim during which
-- the reader came.
ALTER TABLE conversation
	ADD COLUMN holder bigint NOT NULL DEFAULT 0,
	ADD COLUMN woken  bigint NOT NULL DEFAULT 0;
CREATE INDEX conversation_holder ON conversation (holder) WHERE holder <> 0;
`, `
-- deferred is how many of the attempts do not count: the agent has not seen them.
-- postponed is when due was written, 0 when that is not known.
ALTER TABLE inbox
	ADD COLUMN deferred  bigint NOT NULL DEFAULT 0,
	ADD COLUMN postponed bigint NOT NULL DEFAULT 0;
ALTER TABLE outbox ADD COLUMN postponed bigint NOT NULL DEFAULT 0;
CREATE INDEX inbox_stored ON inbox (stored, row);
CREATE INDEX outbox_stored ON outbox (stored, row);
CREATE INDEX dead_letter_died ON dead_letter (died);
CREATE INDEX dead_letter_refused ON dead_letter (channel, sender) WHERE kind = 'refused';

-- What each statement added to a queue, or took away; the sum is how many rows it has.
CREATE TABLE tally (
	queue   text   NOT NULL,
	channel bytea  NOT NULL,
	n       bigint NOT NULL
) WITH (autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_scale_factor = 0);

CREATE FUNCTION tally_added() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
	INSERT INTO tally (queue, channel, n) SELECT TG_TABLE_NAME, channel, count(*) FROM added GROUP BY channel;
	RETURN NULL;
END $$;
CREATE FUNCTION tally_removed() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
	INSERT INTO tally (queue, channel, n) SELECT TG_TABLE_NAME, channel, -count(*) FROM removed GROUP BY channel;
	RETURN NULL;
END $$;

CREATE TRIGGER tally_added AFTER INSERT ON inbox
	REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION tally_added();
CREATE TRIGGER tally_removed AFTER DELETE ON inbox
	REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION tally_removed();
CREATE TRIGGER tally_added AFTER INSERT ON outbox
	REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION tally_added();
CREATE TRIGGER tally_removed AFTER DELETE ON outbox
	REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION tally_removed();
CREATE TRIGGER tally_added AFTER INSERT ON dead_letter
	REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION tally_added();
CREATE TRIGGER tally_removed AFTER DELETE ON dead_letter
	REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION tally_removed();

-- The triggers keep others from writing until all is committed, so nothing is counted twice.
INSERT INTO tally
SELECT 'inbox', channel, count(*) FROM inbox GROUP BY channel
UNION ALL SELECT 'outbox', channel, count(*) FROM outbox GROUP BY channel
UNION ALL SELECT 'dead_letter', channel, count(*) FROM dead_letter GROUP BY channel;
`, settingTable, `
-- A row of event has so many further events behind the first, which the other columns and
-- the beginning of the body are about. Its cursor is that of the last.
ALTER TABLE event ADD COLUMN further bigint NOT NULL DEFAULT 0;
`, liveColumns, mediumTable, choiceTable, pausedTable, aliasTable, doubtColumn}

// migrate brings the database to this program's schema, all of it or nothing. Replicas that
// start together wait for the first of them. It locks tables in another order than some
// transaction of a replica at work does, so PostgreSQL may choose it to be the one that
// fails of the two; then it is tried again.
func migrate(ctx context.Context, db *pgxpool.Pool, steps []string) (err error) {
	for range maxTries {
		if err = migrateOnce(ctx, db, steps); !isConflict(err) {
			break
		}
	}
	return err
}

func migrateOnce(ctx context.Context, db *pgxpool.Pool, steps []string) error {
	return pgx.BeginFunc(ctx, db, func(t pgx.Tx) error {
		if _, err := t.Exec(ctx, `SELECT pg_advisory_xact_lock($1)`, int64(migrationLock)); err != nil {
			return err
		}
		if _, err := t.Exec(ctx, `CREATE TABLE IF NOT EXISTS schema_version (major bigint NOT NULL, minor bigint NOT NULL)`); err != nil {
			return err
		}
		return upgrade(ctx, t, steps)
	})
}

// upgrade applies the steps that the database lacks, with the lock held.
func upgrade(ctx context.Context, t pgx.Tx, steps []string) error {
	found, minor := major, 0
	err := t.QueryRow(ctx, `SELECT major, minor FROM schema_version`).Scan(&found, &minor)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		if _, err := t.Exec(ctx, `INSERT INTO schema_version VALUES ($1, 0)`, major); err != nil {
			return err
		}
	case err != nil:
		return err
	case found > major:
		return fmt.Errorf("schema %d.%d is newer than this program, which knows %d", found, minor, major)
	}
	if minor >= len(steps) {
		return nil
	}
	for i, step := range steps[minor:] {
		if _, err := t.Exec(ctx, step); err != nil {
			return fmt.Errorf("migration %d: %w", minor+i+1, err)
		}
	}
	_, err = t.Exec(ctx, `UPDATE schema_version SET minor = $1`, len(steps))
	return err
}
