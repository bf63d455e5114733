package cmd

import (
	"context"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/manyvox/manyvox/channels"
)

// checkCommand prints what run would serve.
type checkCommand struct {
	fileFlags `embed:""`
	dataFlags `embed:""`
	logFlags  `embed:""`
	AuthToken channels.Secret `short:"t" placeholder:"TOKEN" help:"That of run, to tell what it closes."`
}

// Run loads the configuration and prints it.
func (c *checkCommand) Run(ctx context.Context, p Program) error {
	log := c.logger(p.Stderr)
	l, err := p.load(c.fileFlags, log)
	if err != nil {
		return err
	}
	defer l.close(log, &loaded{})
	table := tabwriter.NewWriter(p.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "CHANNEL\tTYPE\tCAPABILITIES\tMISSING")
	for _, in := range l.Channels {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", in.Name, in.Type.Name, strings.Join(in.Capabilities(), ", "), orNothing(in.Missing()))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(p.Stdout, "\nagent: %s, at most %v a turn\n", l.AgentType, l.AgentTimeout)
	if err := c.printJournal(ctx, p.Stdout, l, log); err != nil {
		return err
	}
	if names := l.Guarded(); c.AuthToken != "" && len(names) > 0 {
		fmt.Fprintf(p.Stdout, "--auth-token guards: %s\n", strings.Join(names, ", "))
	}
	for _, note := range l.notes() {
		fmt.Fprintf(p.Stdout, "note: %s\n", note)
	}
	for _, warning := range l.Warnings {
		fmt.Fprintf(p.Stdout, "warning: %s\n", warning)
	}
	for _, warning := range l.AccessWarnings(c.AuthToken != "") {
		fmt.Fprintf(p.Stdout, "warning: channel %s: %s\n", warning.Channel, warning.Text)
	}
	return nil
}

func orNothing(list []string) string {
	if len(list) == 0 {
		return "nothing"
	}
	return strings.Join(list, ", ")
}
