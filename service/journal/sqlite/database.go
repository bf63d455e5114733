package sqlite

import (
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"

	"modernc.org/sqlite"
)

// fileName is the journal's in the data directory.
const fileName = "journal.db"

// durable are the writer's pragmas. With synchronous=FULL a commit has reached the
// disk when it returns: https://sqlite.org/pragma.html#pragma_synchronous
//
// The cache of 16 MiB holds the upper levels of the indexes of millions of conversations.
// The log is copied into the file after 8,000 pages (32 MiB) and not after 1,000, SQLite's
// default: a page that changes again meanwhile is then copied once. With a million
// conversations and 64 callers a turn took 147 µs so, and 200 µs with the default. A log
// that has grown beyond 64 MiB, as during a backup, is cut to that size afterwards.
//
// What a statement copies of the pages that it changes stays in memory; it would become a
// temporary file.
var durable = []string{
	"journal_mode(WAL)", "synchronous(FULL)", "journal_size_limit(67108864)",
	"cache_size(-16384)", "wal_autocheckpoint(8000)", "temp_store(MEMORY)",
}

// prepareDirectory makes the directory and refuses one on a network file system, where SQLite's
// shared memory and locks do not work: https://sqlite.org/wal.html#overview
func prepareDirectory(dir string, network func(string) (string, error)) error {
	if err := makeDirectory(dir); err != nil {
		return err
	}
	if network == nil {
		network = networkName
	}
	name, err := network(dir)
	switch {
	case err != nil:
		return fmt.Errorf("file system: %w", err)
	case name != "":
		return fmt.Errorf("is on a network file system (%s), where SQLite loses data; choose a local directory", name)
	}
	return nil
}

// makeDirectory makes a directory, and those above it that are missing. Each parent is
// synced, so that the new name survives a loss of power.
func makeDirectory(dir string) error {
	if _, err := os.Stat(dir); err == nil {
		return nil
	}
	above := filepath.Dir(dir)
	if above != dir {
		if err := makeDirectory(above); err != nil {
			return err
		}
	}
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return syncDirectory(above)
}

// createFile makes the file before SQLite would, readable by its owner only; SQLite gives
// the files beside it the same permissions. The directory is synced, so that the name
// survives a loss of power.
func createFile(file string) error {
	f, err := os.OpenFile(file, os.O_CREATE|os.O_RDWR, 0o600) //nolint:gosec // the operator names the directory
	if err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return syncDirectory(filepath.Dir(file))
}

func syncDirectory(dir string) error {
	d, err := os.Open(dir) //nolint:gosec // the operator names the directory
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// connect opens the file with up to maxConnections connections and these pragmas.
func connect(file string, maxConnections int, pragmas ...string) (*sql.DB, error) {
	return openDatabase(file, maxConnections, url.Values{"_pragma": pragmas})
}

// openDatabase opens the file with parameters of its URI:
// https://sqlite.org/uri.html#recognized_query_parameters
// Connections stay open until the database is closed.
func openDatabase(file string, maxConnections int, query url.Values) (*sql.DB, error) {
	// A backup, or an operator with SQLite's shell, may have the file open too.
	query["_pragma"] = append([]string{"busy_timeout(5000)"}, query["_pragma"]...)
	source := url.URL{Scheme: "file", OmitHost: true, Path: file, RawQuery: query.Encode()}
	connector, err := sqlite.NewConnector(source.String())
	if err != nil {
		return nil, err
	}
	db := sql.OpenDB(connector)
	db.SetMaxOpenConns(maxConnections)
	db.SetMaxIdleConns(maxConnections)
	return db, nil
}
