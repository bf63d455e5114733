package sqlite

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
)

const (
	// lockName is the file that is locked, beside its directory.
	lockName = "lock"

	lockWait = 10 * time.Second
	// lockPause is the pause between two attempts: a blocking flock would not end with
	// the context.
	lockPause = 50 * time.Millisecond
)

// lock keeps other processes from opening the same directory. The system releases it
// when the process dies.
//
// The file is what earlier versions lock, and says who has it. The directory is locked too:
// were the file alone locked, another process could start once the file was deleted.
type lock struct{ file, dir *os.File }

// acquireLock takes the lock. It waits so long for another process that has it; 0 waits
// for lockWait.
func acquireLock(ctx context.Context, dir string, wait time.Duration) (*lock, error) {
	file, err := os.OpenFile(filepath.Join(dir, lockName), os.O_CREATE|os.O_RDWR, 0o600) //nolint:gosec // the operator names the directory
	if err != nil {
		return nil, err
	}
	opened, err := os.Open(dir) //nolint:gosec // the operator names the directory
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	l := &lock{file: file, dir: opened}
	if err := l.wait(ctx, cmp.Or(wait, lockWait)); err != nil {
		return nil, errors.Join(err, l.release())
	}
	if err := writeOwner(file); err != nil {
		return nil, errors.Join(err, l.release())
	}
	return l, nil
}

// wait waits until both are locked.
func (l *lock) wait(ctx context.Context, wait time.Duration) error {
	deadline := time.Now().Add(wait)
	for _, file := range []*os.File{l.file, l.dir} {
		if err := waitForLock(ctx, file, deadline, l.file); err != nil {
			return err
		}
	}
	return nil
}

// waitForLock waits until the file, or directory, is locked. Owner says who has it.
func waitForLock(ctx context.Context, file *os.File, deadline time.Time, owner *os.File) error {
	pause := time.NewTicker(lockPause)
	defer pause.Stop()
	for {
		locked, err := tryLock(file)
		switch {
		case err != nil:
			return fmt.Errorf("lock: %w", err)
		case locked:
			return nil
		case !time.Now().Before(deadline):
			return inUse(owner)
		}
		select {
		case <-pause.C:
		case <-ctx.Done():
			return errors.Join(context.Cause(ctx), inUse(owner))
		}
	}
}

// inUse returns an error that names the process that has the lock.
func inUse(file *os.File) error {
	owner, err := io.ReadAll(io.NewSectionReader(file, 0, 200))
	if err != nil || len(owner) == 0 {
		return errors.New("in use by another process")
	}
	return fmt.Errorf("in use by %s", strings.TrimSpace(string(owner)))
}

// writeOwner writes which process has the lock.
func writeOwner(file *os.File) error {
	if err := file.Truncate(0); err != nil {
		return err
	}
	_, err := file.WriteAt(fmt.Appendf(nil, "process %d since %s\n", os.Getpid(), time.Now().UTC().Format(time.RFC3339)), 0)
	return err
}

func (l *lock) release() error { return errors.Join(l.dir.Close(), l.file.Close()) }
