//go:build unix

package cmd

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// writable reports a directory that this process may not write to.
func writable(dir string) error {
	if err := unix.Access(dir, unix.W_OK|unix.X_OK); err != nil {
		return fmt.Errorf("--data-dir: %s cannot be written: %w", dir, err)
	}
	return nil
}
