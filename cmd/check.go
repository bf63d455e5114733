package cmd

import (
	"context"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/manyvox/manyvox/service/journal"
)

// checkCommand prints what run would serve with the same flags. It is the very start, without
// listening, locking or making anything.
type checkCommand struct {
	runCommand `embed:""`
	Probe      bool `env:"-" help:"Ask each platform and the agent who we are there, where they can be asked. Exit code 1 when one says that something is wrong."`
	JSON       bool `name:"json" env:"-" help:"One JSON object."`
}

// Run loads the configuration and prints it.
func (c *checkCommand) Run(ctx context.Context, p Program) error {
	if err := c.validate(); err != nil {
		return usageError{err}
	}
	log := c.logger(p.Stderr)
	l, err := c.prepare(p, log)
	if err != nil {
		return err
	}
	defer l.close(log, &loaded{})
	found, err := c.inspect(ctx, l, log)
	if err != nil {
		return err
	}
	report := c.report(l, found)
	if c.Probe {
		report.Probes = probe(ctx, l)
	}
	if err := report.print(p.Stdout, c.JSON); err != nil {
		return err
	}
	return report.failure()
}

// printText prints the report for people.
func (r *checkReport) printText(out io.Writer) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "CHANNEL\tTYPE\tCAPABILITIES\tMISSING")
	for _, c := range r.Channels {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", c.Name, c.Type, strings.Join(c.Capabilities, ", "), orNothing(c.Missing))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(out)
	r.printAgents(out)
	if j := r.Journal; j != nil {
		fmt.Fprintf(out, "journal: %s, %s, %s, %s\n", j.Type, j.Place, formatBytes(j.Bytes), plural(j.DeadLetters, "dead letter"))
		for _, w := range j.Waiting {
			fmt.Fprintf(out, "  %s: %s\n", w.Channel, describeWaiting(journal.Waiting{Inbox: w.Inbox, Outbox: w.Outbox}))
		}
	}
	if len(r.Guarded) > 0 {
		fmt.Fprintf(out, "--auth-token guards: %s\n", strings.Join(r.Guarded, ", "))
	}
	for _, p := range r.Probes {
		fmt.Fprintf(out, "probe: %s: %s\n", p.Of, p.says())
	}
	for _, note := range r.Notes {
		fmt.Fprintf(out, "note: %s\n", note)
	}
	for _, warning := range r.Warnings {
		fmt.Fprintf(out, "warning: %s\n", warning)
	}
	return nil
}

// printAgents prints who answers, and what.
func (r *checkReport) printAgents(out io.Writer) {
	if len(r.Agents) == 0 {
		fmt.Fprintf(out, "agent: %s, at most %s a turn\n", r.Agent.Type, r.Agent.Timeout)
		return
	}
	for _, a := range r.Agents {
		fallback := ""
		if a.Fallback != "" {
			fallback = ", fallback " + a.Fallback
		}
		fmt.Fprintf(out, "agent %s: %s, at most %s a turn%s\n", a.Name, a.Type, a.Timeout, fallback)
	}
	for _, route := range r.Routes {
		fmt.Fprintf(out, "route: %s -> %s\n", route.matches(), route.Agent)
	}
}

func orNothing(list []string) string {
	if len(list) == 0 {
		return "nothing"
	}
	return strings.Join(list, ", ")
}
