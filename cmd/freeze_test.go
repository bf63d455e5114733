//go:build unix

package cmd_test

import (
	"bytes"
	"fmt"
	"os"
	"syscall"
	"time"
)

// freeze stops a process and returns once it stands still: until then it may still read an
// answer. Where there is no /proc, it returns at once.
func freeze(p *os.Process) error {
	if err := p.Signal(syscall.SIGSTOP); err != nil {
		return err
	}
	for deadline := time.Now().Add(waitTimeout); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.Pid))
		if err != nil {
			return nil
		}
		// The state stands behind the name, which is in parentheses.
		// https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
		if _, after, ok := bytes.Cut(stat, []byte(") ")); ok && bytes.HasPrefix(after, []byte("T")) {
			return nil
		}
	}
	return fmt.Errorf("process %d does not stop", p.Pid)
}
