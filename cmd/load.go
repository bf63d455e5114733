package cmd

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"

	"github.com/manyvox/manyvox/config"
	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/setup"
)

// loaded is the configuration, opened: what run serves and check describes.
type loaded struct {
	*setup.Credentials
	*setup.Endpoints
	// Links are those of --public-url.
	Links *setup.Links
	// Program is the program's id, once the journal is open.
	Program string
	// Warnings are things that work and are probably not meant.
	Warnings []string
}

// load reads both files and opens all they name. Its error holds the mistakes of both.
func (p Program) load(f fileFlags, log *slog.Logger) (*loaded, error) {
	return p.reload(f, log, &loaded{})
}

// reload is load where another configuration is in use: what has not changed is not opened
// anew. When it fails it has closed what it opened.
func (p Program) reload(f fileFlags, log *slog.Logger, inUse *loaded) (*loaded, error) {
	l := &loaded{Program: inUse.Program}
	if l.Links = inUse.Links; l.Links == nil {
		links, err := setup.NewLinks(f.PublicURL)
		if err != nil {
			return nil, usageError{fmt.Errorf("--public-url: %w", err)}
		}
		l.Links = links
	}
	err := errors.Join(p.loadCredentials(l, f, log, inUse), p.loadEndpoints(l, f, log, inUse))
	if err == nil {
		err = l.RouteChannels(l.Credentials, f.Connector != "")
	}
	if err != nil {
		l.close(log, inUse)
		return nil, usageError{err}
	}
	l.Warnings = append(l.Warnings, l.Endpoints.Warnings...)
	l.Warnings = append(l.Warnings, l.Check(l.ChannelNames())...)
	l.Warnings = append(l.Warnings, p.strays...)
	return l, nil
}

// close closes what was opened and is not in use.
func (l *loaded) close(log *slog.Logger, inUse *loaded) {
	if l.Credentials != nil {
		l.CloseChannels(inUse.Credentials, log)
	}
	if l.Endpoints != nil {
		l.CloseAgents(inUse.Endpoints, log)
	}
}

func (p Program) loadCredentials(l *loaded, f fileFlags, log *slog.Logger, inUse *loaded) error {
	block, err := readFile("--credentials", f.Credentials, "credentials.yml")
	if err != nil {
		return err
	}
	connector := f.Connector
	switch {
	case block == nil && connector == "":
		log.Info("no credentials.yml: starting the rest channel alone")
		connector = "rest"
	case block != nil && len(block.Keys()) == 0 && connector == "":
		l.Warnings = append(l.Warnings, block.At("")+": names no channel")
	}
	if block == nil {
		block, _ = config.Parse("credentials.yml", nil, nil) // nothing is well-formed
	}
	l.Warnings = append(l.Warnings, block.Warnings()...)
	if l.Credentials, err = setup.ReloadCredentials(block, p.Channels, connector, l.Links, log, inUse.Credentials); err != nil {
		l.Credentials = nil
		return err
	}
	return service.CheckRoutes(l.Channels)
}

func (p Program) loadEndpoints(l *loaded, f fileFlags, log *slog.Logger, inUse *loaded) error {
	block, err := readFile("--endpoints", f.Endpoints, "endpoints.yml")
	if err != nil {
		return err
	}
	if block == nil {
		l.Warnings = append(l.Warnings, "no endpoints.yml: the echo agent answers")
		block, _ = config.Parse("endpoints.yml", []byte("agent: {type: echo}"), nil) // is well-formed
	}
	l.Warnings = append(l.Warnings, block.Warnings()...)
	if l.Endpoints, err = setup.ReloadEndpoints(block, p.Agents, p.Stores, log, inUse.Endpoints); err != nil {
		l.Endpoints = nil
		return err
	}
	return nil
}

// readFile parses the file that was given, or else the default one if it exists; nil
// when there is none.
func readFile(flag, given, fallback string) (*config.Block, error) {
	path := given
	if given == "" {
		path = fallback
	}
	data, err := config.ReadFile(path)
	switch {
	case given == "" && errors.Is(err, fs.ErrNotExist):
		return nil, nil // no file is no error
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("%s: %s: no such file", flag, path)
	case err != nil:
		return nil, fmt.Errorf("%s: %w", flag, err)
	}
	return config.Parse(path, data, nil)
}
