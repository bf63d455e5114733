//go:build !unix

package exec

import (
	"os"
	"syscall"
)

// ownGroup returns nil: there are no process groups.
func ownGroup() *syscall.SysProcAttr { return nil }

// killGroup kills the program alone.
func killGroup(pid int) {
	if p, err := os.FindProcess(pid); err == nil {
		_ = p.Kill()
	}
}

// isSilent cannot tell.
func isSilent(*os.File) bool { return true }
