package exec

import (
	"errors"
	"log/slog"
	"os"
	osexec "os/exec"
	"strings"

	"github.com/manyvox/manyvox/agents"
)

// command is what is started.
type command struct {
	path string
	args []string // args[0] is the program as it is written in endpoints.yml
}

// start starts the program in a process group of its own. Whoever starts it ends it.
func (c command) start(log *slog.Logger) (*program, error) {
	cmd := &osexec.Cmd{Path: c.path, Args: c.args, Env: environment(os.Environ()), SysProcAttr: ownGroup()}
	var ends []*os.File // ours and the program's, by turns
	for range 3 {
		r, w, err := os.Pipe()
		if err != nil {
			return nil, errors.Join(err, closeAll(ends))
		}
		ends = append(ends, r, w)
	}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = ends[0], ends[3], ends[5]
	err := cmd.Start()
	theirs := []*os.File{ends[0], ends[3], ends[5]}
	ours := []*os.File{ends[1], ends[2], ends[4]}
	if err != nil {
		return nil, errors.Join(err, closeAll(ends))
	}
	if err := closeAll(theirs); err != nil { // else the end of its output would not be seen
		log.Warn("agent exec: a pipe does not close", "error", err)
	}
	p := &program{
		cmd: cmd, stdin: ours[0], stdout: ours[1], log: log.With("pid", cmd.Process.Pid),
		exited: make(chan struct{}), logged: make(chan struct{}),
	}
	p.lines = agents.NewLineReader(&output{file: ours[1], exited: p.exited})
	go p.await(ours[2])
	go p.logStderr(ours[2])
	return p, nil
}

// environment leaves out our own flags, some of which are secrets.
func environment(all []string) (some []string) {
	for _, entry := range all {
		if !strings.HasPrefix(entry, "MANYVOX_") {
			some = append(some, entry)
		}
	}
	return some
}

func closeAll(files []*os.File) error {
	var errs []error
	for _, f := range files {
		errs = append(errs, f.Close())
	}
	return errors.Join(errs...)
}
