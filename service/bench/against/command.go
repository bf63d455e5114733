package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"
)

// command is a program that an interrupt ends as Ctrl-C would, so that it can clean up.
func command(ctx context.Context, dir, name string, args ...string) *exec.Cmd {
	c := exec.CommandContext(ctx, name, args...) //nolint:gosec // git, go, and the binaries that it builds
	c.Dir = dir
	c.Cancel = func() error { return c.Process.Signal(os.Interrupt) }
	c.WaitDelay = 10 * time.Second
	return c
}

// output runs a command and returns what it prints, without the space around it. An
// error holds the end of what it printed.
func output(c *exec.Cmd) (string, error) {
	var out, errs bytes.Buffer
	c.Stdout, c.Stderr = &out, &errs
	if err := c.Run(); err != nil {
		return "", fmt.Errorf("%w\n%s", err, tail(out.String()+errs.String()))
	}
	return strings.TrimSpace(out.String()), nil
}

// tail returns the last lines of a text, indented.
func tail(text string) string {
	const most = 20
	lines := strings.Split(strings.TrimSpace(text), "\n")
	lines = lines[max(0, len(lines)-most):]
	return "\t" + strings.Join(lines, "\n\t")
}
