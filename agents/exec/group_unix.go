//go:build unix

package exec

import (
	"errors"
	"os"
	"syscall"
)

// ownGroup has a program start in a process group of its own, to which its children belong.
func ownGroup() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

// killGroup kills all that is left of the group that a program began.
func killGroup(pid int) { _ = syscall.Kill(-pid, syscall.SIGKILL) } // nothing is left, else

// isSilent reports whether a pipe is open and has nothing to read. It does not wait.
func isSilent(f *os.File) bool {
	conn, err := f.SyscallConn()
	if err != nil {
		return false
	}
	silent := false
	err = conn.Read(func(fd uintptr) bool {
		_, err := syscall.Read(int(fd), make([]byte, 1))
		silent = errors.Is(err, syscall.EAGAIN)
		return true
	})
	return silent && err == nil
}
