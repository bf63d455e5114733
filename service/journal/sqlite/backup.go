package sqlite

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	"github.com/manyvox/manyvox/service/journal"
)

// Backup is journal.Backuper's. The copy is a journal.db for another data directory.
// No other call waits for it, but the write-ahead log grows until it is done.
func (*Config) Backup(ctx context.Context, env journal.Env, file string) error {
	if err := backup(ctx, filepath.Join(env.DataDir, fileName), file); err != nil {
		return fmt.Errorf("journal %s: backup: %w", env.DataDir, err)
	}
	return nil
}

// backup copies the file. When it fails it leaves no copy behind.
func backup(ctx context.Context, from, to string) error {
	if fileSize(from) <= 0 {
		return errors.New("there is no journal")
	}
	f, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600) //nolint:gosec // the operator names the file
	if err != nil {
		return err
	}
	// SQLite takes an empty file for none: https://sqlite.org/lang_vacuum.html#vacuuminto
	if err := errors.Join(vacuum(ctx, from, to), f.Sync(), f.Close(), syncDirectory(filepath.Dir(to))); err != nil {
		return errors.Join(err, os.Remove(to))
	}
	return nil
}

func vacuum(ctx context.Context, from, to string) error {
	db, err := openDatabase(from, 1, url.Values{"mode": {"rw"}})
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, `VACUUM INTO ?`, to)
	return errors.Join(err, db.Close())
}

var _ journal.Backuper = (*Config)(nil)
