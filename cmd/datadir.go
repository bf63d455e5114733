package cmd

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/manyvox/manyvox/service/journal"
)

// checkDataDir refuses a data directory that is a file, before anything is created. Where the
// store keeps files in it, it must be writable, or be one that can be made; otherwise only the
// copy of the operator's token is lost.
func checkDataDir(dir string, store journal.Config) error {
	for path := filepath.Clean(dir); ; path = filepath.Dir(path) {
		info, err := os.Stat(path)
		switch {
		case errors.Is(err, fs.ErrNotExist) && path != filepath.Dir(path):
			continue // it will be made
		case err != nil:
			return fmt.Errorf("--data-dir: %w", err)
		case !info.IsDir():
			return fmt.Errorf("--data-dir: %s is a file: expected a directory", path)
		}
		if _, keepsFiles := store.(journal.Backuper); keepsFiles {
			return writable(path)
		}
		return nil
	}
}
