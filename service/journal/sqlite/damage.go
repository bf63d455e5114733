package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// recovery is where the operator reads what to do.
const recovery = "see docs/recovery.md"

// describeDamage adds to an error of SQLite's that says that the file is damaged what to do.
func describeDamage(err error) error {
	var e *sqlite.Error
	const primary = 0xff // of https://sqlite.org/rescode.html#primary_result_codes_versus_extended_result_codes
	if errors.As(err, &e) && (e.Code()&primary == sqlite3.SQLITE_CORRUPT || e.Code()&primary == sqlite3.SQLITE_NOTADB) {
		return fmt.Errorf("%w: the file is damaged, %s", err, recovery)
	}
	return err
}

// checkPages has SQLite look for damage in all pages, which takes about a second for a
// gigabyte: https://sqlite.org/pragma.html#pragma_quick_check
func checkPages(ctx context.Context, db *sql.DB) error {
	var found string
	if err := db.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&found); err != nil {
		return err
	}
	if found != "ok" {
		return fmt.Errorf("%s is damaged, %s: %s", fileName, recovery, found)
	}
	return nil
}
