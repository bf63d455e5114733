package cmd

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// confirmFlags is the flag of the commands that delete for good.
type confirmFlags struct {
	Yes bool `short:"y" env:"-" help:"Do not ask first. Needed where nobody can be asked."`
}

// errNotConfirmed is the outcome when somebody was asked, and did not say yes.
var errNotConfirmed = errors.New("not confirmed: nothing was deleted")

// confirm asks on the terminal whether to do what cannot be undone. The question is what will
// be done, such as "delete all dead letters".
func (c *confirmFlags) confirm(ctx context.Context, p Program, what string) error {
	if c.Yes {
		return nil
	}
	if p.Terminal == nil {
		return usageError{fmt.Errorf("to %s needs --yes where nobody can be asked", what)}
	}
	fmt.Fprintf(p.Stderr, "Really %s? It cannot be undone. [y/N] ", what)
	answer := make(chan string, 1)
	go func() { // a read of a terminal does not heed ctx; the process ends then
		line, _ := bufio.NewReader(p.Terminal).ReadString('\n')
		answer <- line
	}()
	select {
	case line := <-answer:
		if said := strings.ToLower(strings.TrimSpace(line)); said == "y" || said == "yes" {
			return nil
		}
		return errNotConfirmed
	case <-ctx.Done():
		fmt.Fprintln(p.Stderr)
		return errNotConfirmed
	}
}

// terminal returns the file if a person reads and writes there, else nil.
func terminal(f *os.File) io.Reader {
	if isTerminal(f) {
		return f
	}
	return nil
}
