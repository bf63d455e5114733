package exec

import (
	"log/slog"
	"os"
	osexec "os/exec"
	"sync/atomic"
	"time"

	"github.com/manyvox/manyvox/agents"
)

// noticeTime is how long a program that has ended its turn may take to read the rest of its input.
const noticeTime = time.Second

// program is one that runs.
type program struct {
	cmd    *osexec.Cmd
	stdin  *os.File
	stdout *os.File
	lines  *agents.LineReader // of stdout
	log    *slog.Logger
	// kept says that its input stays open after a turn.
	kept bool
	// written is closed when the input of the turn is written, or cannot be.
	written chan struct{}
	// exited is closed when it has ended; then err is how.
	exited chan struct{}
	err    error
	// logged is closed when stderr has ended; stderrLines counts its lines of the turn.
	logged      chan struct{}
	stderrLines atomic.Int64
}

// await waits until the program has ended, and ends what it has left behind.
func (p *program) await(stderr *os.File) {
	p.err = p.cmd.Wait()
	killGroup(p.cmd.Process.Pid)
	for _, f := range []*os.File{p.stdout, stderr} {
		_ = f.SetReadDeadline(time.Unix(1, 0)) // whoever waits for more looks at exited
	}
	close(p.exited)
}

// write gives the program its input. It does not wait: a program may answer before it has
// read.
func (p *program) write(input []byte) {
	written := make(chan struct{})
	p.written = written
	p.stderrLines.Store(0)
	go func() {
		defer close(written)
		_, _ = p.stdin.Write(input) // a program need not read
		if !p.kept {
			_ = p.stdin.Close()
		}
	}()
}

// isWritten reports whether the program has taken its whole input. One that has answered has done
// so, most often, but on a busy machine the goroutine that writes may notice later.
func (p *program) isWritten() bool {
	select {
	case <-p.written:
		return true
	case <-time.After(noticeTime):
		return false
	}
}

// kill ends the program and its children at once.
func (p *program) kill() {
	select {
	case <-p.exited: // its number may be another's by now
	default:
		killGroup(p.cmd.Process.Pid)
	}
}

// wait waits until the program has ended, and returns how.
func (p *program) wait() error {
	<-p.exited
	return p.err
}

// end kills the program if it still runs, and lets go of all that it had. It returns how the
// program has ended.
func (p *program) end() error {
	p.kill()
	<-p.exited
	_ = p.stdin.Close() // ends a write that nobody reads
	if p.written != nil {
		<-p.written
	}
	<-p.logged
	_ = p.stdout.Close()
	return p.err
}

// ready reports whether a program that is kept can be given a turn: it runs, and has said
// nothing since the end of the last one.
func (p *program) ready() bool {
	select {
	case <-p.exited:
		return false
	default:
		return p.lines.Buffered() == 0 && isSilent(p.stdout)
	}
}
