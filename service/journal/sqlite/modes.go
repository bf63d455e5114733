package sqlite

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
)

// The bits of a mode that let others than the owner write.
const (
	groupWrites  = 0o020
	othersWrite  = 0o002
	othersAccess = 0o077
)

// checkModes refuses a directory or a file of the journal that everybody can write, since
// whoever writes it decides what is answered and sent. Of one that a group can write it
// warns: where a volume or a umask gives that to the group of the program, it is meant so.
// On a file system without modes all look writable, and it only warns.
func checkModes(dir string, log *slog.Logger) error {
	for _, name := range []string{"", lockName, markerName, fileName, fileName + "-wal", fileName + "-shm"} {
		path := filepath.Join(dir, name)
		info, err := os.Stat(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		mode := info.Mode()
		if mode&(groupWrites|othersWrite) == 0 {
			continue
		}
		if mode&othersWrite != 0 && hasModes(dir) {
			return fmt.Errorf("%s can be written by everybody (%v): take that away with chmod o-w, or name a directory in it that is still to be made", path, mode)
		}
		log.Warn("the journal can be written by others: chmod go-w", "path", path, "mode", mode.String())
	}
	return nil
}

// hasModes reports whether the directory's file system keeps modes: whether a file that is
// made for its owner alone is the owner's alone.
func hasModes(dir string) bool {
	file, err := os.CreateTemp(dir, "modes")
	if err != nil {
		return true
	}
	defer os.Remove(file.Name()) //nolint:errcheck // it is empty
	defer file.Close()           //nolint:errcheck // nothing was written
	info, err := file.Stat()
	return err != nil || info.Mode()&othersAccess == 0
}
