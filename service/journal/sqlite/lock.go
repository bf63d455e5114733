package sqlite

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

const (
	lockWait = 10 * time.Second
	// lockPause is the pause between two attempts: a blocking flock would not end with
	// the context.
	lockPause = 50 * time.Millisecond
)

// lock keeps other processes from opening the same directory. The system releases it
// when the process dies.
type lock struct{ file *os.File }

// acquireLock takes the lock. It waits so long for another process that has it; 0 waits
// for lockWait.
func acquireLock(ctx context.Context, path string, wait time.Duration) (*lock, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600) //nolint:gosec // the operator names the directory
	if err != nil {
		return nil, err
	}
	if err := waitForLock(ctx, file, cmp.Or(wait, lockWait)); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	if err := writeOwner(file); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return &lock{file}, nil
}

func waitForLock(ctx context.Context, file *os.File, wait time.Duration) error {
	pause := time.NewTicker(lockPause)
	defer pause.Stop()
	for deadline := time.Now().Add(wait); ; {
		locked, err := tryLock(file)
		switch {
		case err != nil:
			return fmt.Errorf("lock: %w", err)
		case locked:
			return nil
		case !time.Now().Before(deadline):
			return inUse(file)
		}
		select {
		case <-pause.C:
		case <-ctx.Done():
			return errors.Join(context.Cause(ctx), inUse(file))
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

func (l *lock) release() error { return l.file.Close() }
