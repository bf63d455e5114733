//go:build !unix || solaris || aix

package sqlite

import (
	"errors"
	"os"
)

// tryLock fails: without a lock two processes would give out the same messages.
func tryLock(*os.File) (bool, error) { return false, errors.ErrUnsupported }
