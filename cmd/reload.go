package cmd

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"

	manyvoxv1 "github.com/manyvox/manyvox/gen/manyvox/v1"
	"github.com/manyvox/manyvox/gen/manyvox/v1/manyvoxv1connect"
	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/setup"
)

// reloadCommand has a program that runs read its configuration again.
type reloadCommand struct {
	clientFlags `embed:""`
}

// Run prints what the reload has done.
func (c *reloadCommand) Run(ctx context.Context, p Program) error {
	return c.call(p, func(client manyvoxv1connect.ConversationServiceClient) error {
		res, err := client.Reload(ctx, &manyvoxv1.ReloadRequest{})
		if err != nil {
			return err
		}
		return printReload(p.Stdout, res.GetOutcome())
	})
}

// printReload prints the outcome of a reload that did not fail.
func printReload(out io.Writer, o *manyvoxv1.ReloadOutcome) error {
	fmt.Fprintf(out, "revision %d, %s\n", o.GetRevision(), timestamp(o.GetTime()))
	table := newPrinter(out, false, "CHANNEL", "TYPE", "CHANGE")
	for _, c := range o.GetChannels() {
		if err := table.print(c, cell(c.GetName()), c.GetType(), changeWord(c.GetChange())); err != nil {
			return err
		}
	}
	if err := table.flush(); err != nil {
		return err
	}
	fmt.Fprintf(out, "agent: %s\n", changeWord(o.GetAgent()))
	for _, note := range o.GetNotes() {
		fmt.Fprintf(out, "note: %s\n", line(note))
	}
	return nil
}

// changeWord returns a change in words, such as "kept".
func changeWord(c manyvoxv1.ChannelChange_Change) string {
	return strings.ToLower(strings.TrimPrefix(c.String(), "CHANGE_"))
}

// reloader reads the configuration again for a program that serves, again and again.
type reloader struct {
	p     Program
	flags fileFlags
	log   *slog.Logger
	inUse *loaded
}

// load is service.Config's Load.
func (r *reloader) load() (service.Setup, error) {
	next, err := r.p.reload(r.flags, r.log, r.inUse)
	if err != nil {
		return service.Setup{}, err
	}
	notes := next.NeedsRestart(r.inUse.Endpoints)
	s := next.setup(r.inUse.Endpoints, next.KeepsAgents(r.inUse.Endpoints))
	s.Notes = append(append(notes, next.notes()...), next.Warnings...)
	r.inUse = next
	return s, nil
}

// setup returns what the service is made of.
func (l *loaded) setup(inUse *setup.Endpoints, keepAgents bool) service.Setup {
	s := service.Setup{Channels: l.Channels, KeepAgent: keepAgents, Limits: l.Limits, Chat: l.Chat}
	s.Agents.Router = l.Router
	for _, a := range l.Agents {
		s.Agents.List = append(s.Agents.List, service.Agent{Agent: a.Agent, Kept: a.IsKept(inUse), AgentOptions: service.AgentOptions{
			AgentName: a.Name, AgentType: a.Type, AgentTimeout: a.Timeout, Repeat: a.Repeat, OnFailure: a.OnFailure, Program: l.Program,
			Fallback: a.Fallback, Concurrency: a.Concurrency,
		}})
	}
	return s
}

// reloadOnHangup has the service reload whenever the process gets SIGHUP, until stop is
// called. What came of it is in the log and in GetStatus.
func (p Program) reloadOnHangup(ctx context.Context, s *service.Service) (stop func()) {
	hangups := p.Hangup
	own := make(chan os.Signal, 1)
	if hangups == nil {
		signal.Notify(own, syscall.SIGHUP)
		hangups = own
	}
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			select {
			case <-hangups:
				_, _ = s.Reload(ctx) // it fails only when the program ends
			case <-ctx.Done():
				return
			}
		}
	}()
	return func() {
		signal.Stop(own)
		cancel()
		<-ended
	}
}
