package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"math"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/setup"
	"github.com/manyvox/manyvox/web"
)

// grace is how long turns under way may go on once the program shuts down.
const grace = 25 * time.Second // Kubernetes kills after 30 s

// runCommand starts the service.
type runCommand struct {
	fileFlags  `embed:""`
	serveFlags `embed:""`
	logFlags   `embed:""`
	rasaFlags  `embed:""`
	LogFile    string `placeholder:"FILE" help:"Write the log to this file too."`
}

// Run serves until ctx ends.
func (c *runCommand) Run(ctx context.Context, p Program) (err error) {
	if err := c.validate(); err != nil {
		return usageError{err}
	}
	output, closeLog, err := c.openLog(p.Stderr)
	if err != nil {
		return usageError{err}
	}
	defer func() { err = errors.Join(err, closeLog()) }()
	log := c.logger(output)
	l, err := c.prepare(p, log)
	if err != nil {
		return err
	}
	err = c.start(ctx, p, l, log)
	if ctx.Err() != nil && errors.Is(err, context.Canceled) { // it was told to end, and did
		log.Warn("stopped", "error", err)
		return nil
	}
	return err
}

// start opens the port and the store and serves until ctx ends.
func (c *runCommand) start(ctx context.Context, p Program, l *loaded, log *slog.Logger) (err error) {
	// A program that ends may still have the port, and its store: then both are waited for.
	listener, listenErr := c.listen(ctx)
	config, err := c.openStore(ctx, p, l, listener, log)
	if err == nil && listenErr != nil {
		listener, err = c.listen(ctx)
	}
	defer func() { err = errors.Join(err, closeAll(listener, config.Journal)) }()
	if err != nil {
		l.close(log, &loaded{})
		return err
	}
	return c.serve(ctx, p, l, listener, config)
}

// prepare loads the configuration, and refuses what only the flags and it together show.
func (c *runCommand) prepare(p Program, log *slog.Logger) (*loaded, error) {
	l, err := p.load(c.fileFlags, log)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(c.checkSelfCall(l), checkDataDir(c.DataDir, l.Store)); err != nil {
		l.close(log, &loaded{})
		return nil, usageError{err}
	}
	return l, nil
}

// closeAll closes what is open. Serve has closed the listener, unless it was not reached.
func closeAll(l *net.TCPListener, j journal.Journal) error {
	if l != nil {
		_ = l.Close()
	}
	if j == nil {
		return nil
	}
	return j.Close()
}

// serve serves what was loaded until ctx ends. The config has the journal and the log.
func (c *runCommand) serve(ctx context.Context, p Program, l *loaded, listener net.Listener, config service.Config) (err error) {
	log := config.Log
	if config.OperatorToken, err = c.operatorToken(ctx, log, config.Journal); err != nil {
		return err
	}
	if err := setup.UseLinkKey(ctx, l.Links, config.Journal); err != nil {
		return err
	}
	if l.Program, err = setup.ProgramID(ctx, config.Journal); err != nil {
		return err
	}
	first := l.setup(nil, false)
	config.Channels, config.Limits, config.Agents = first.Channels, first.Limits, first.Agents
	config.ChatSettings, config.Program = first.Chat, l.Program
	config.Load, config.Links = (&reloader{p, c.fileFlags, log, l}).load, l.Links
	config.ResponseTimeout, config.MaxBody, config.MaxStreams = time.Duration(c.ResponseTimeout), c.MaxBody, c.MaxStreams
	config.Chat, config.AuthToken, config.CORS, config.Version = c.chat(), c.AuthToken, c.CORS, Version
	s := service.New(config)
	defer p.reloadOnHangup(ctx, s)()
	stopMetrics, err := c.serveMetrics(ctx, log, s)
	if err != nil {
		return err
	}
	defer stopMetrics()
	c.announce(log, l, listener.Addr())
	c.invite(p.Stderr, listener.Addr())
	if p.Listening != nil {
		p.Listening(listener.Addr())
	}
	err = s.Serve(ctx, listener, grace)
	log.Info("stopped")
	return err
}

// chat returns the files of the chat page, nil for none.
func (c *runCommand) chat() fs.FS {
	if c.NoChat {
		return nil
	}
	return web.Files()
}

func (c *runCommand) validate() error {
	switch {
	case c.Port < 0 || c.Port > math.MaxUint16:
		return errors.New("--port: expected a number from 0 to 65535")
	case c.MaxBody <= 0:
		return errors.New("--max-body: expected a positive number of bytes")
	case c.MaxStreams <= 0 || c.MaxStreams > math.MaxInt32:
		return errors.New("--max-streams: expected a positive number")
	case c.StoreWait < 0:
		return errors.New("--store-wait: expected 0 or more")
	}
	return errors.Join(c.validateMetricsAddress(), c.rasaFlags.validate(), (&service.HTTPOptions{CORS: c.CORS}).Validate())
}

// listen opens the one port.
func (c *runCommand) listen(ctx context.Context) (*net.TCPListener, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", net.JoinHostPort(strings.Trim(c.Interface, "[]"), strconv.Itoa(c.Port)))
	if err != nil {
		return nil, fmt.Errorf("--interface %s --port %d: %w", c.Interface, c.Port, listenCause(err))
	}
	return l.(*net.TCPListener), nil // as net promises of "tcp"
}

// listenCause returns the error without the address, which the flags show already.
func listenCause(err error) error {
	var op *net.OpError
	if errors.As(err, &op) {
		return op.Err
	}
	return err
}

// announce logs what is served where, and the warnings of the start.
func (c *runCommand) announce(log *slog.Logger, l *loaded, addr net.Addr) {
	for _, note := range append(l.notes(), c.rasaNotes()...) {
		log.Info(note)
	}
	for _, warning := range l.Warnings {
		log.Warn(warning)
	}
	base := baseURL(addr)
	for _, in := range l.Channels {
		log.Info("channel ready", "channel", in.Name, "type", in.Type.Name, "url", base+in.Path())
	}
	c.announceAccess(log, l)
	if !c.NoChat {
		log.Info("chat page ready", "url", base+"/chat/")
	}
	log.Info("listening", "version", Version, "url", base, "agent", strings.Join(l.agentNames(), ", "))
}

// invite prints where the chat page is, last and set apart, where people read the log.
func (c *runCommand) invite(w io.Writer, addr net.Addr) {
	if !c.NoChat && c.isText(w) {
		fmt.Fprintf(w, "\n  Open %s/ in a browser. Ctrl-C ends the program.\n\n", baseURL(addr))
	}
}

// announceAccess logs what --auth-token closes, and a warning of each channel that anyone
// may write to. It does so on loopback too: a proxy there lets everyone in.
func (c *runCommand) announceAccess(log *slog.Logger, l *loaded) {
	if names := l.Guarded(); c.AuthToken != "" && len(names) > 0 {
		log.Info("--auth-token guards channels without a token or a signature of their own", "channels", strings.Join(names, ", "))
	}
	for _, warning := range l.AccessWarnings(c.AuthToken != "") {
		log.Warn(warning.Text, "channel", warning.Channel)
	}
}

// agentNames returns the names of the agents.
func (l *loaded) agentNames() (names []string) {
	for _, a := range l.Agents {
		names = append(names, a.Name)
	}
	return names
}

func (l *loaded) notes() []string { return append(l.Credentials.Notes, l.Endpoints.Notes...) }

// baseURL returns the URL at which a person on this machine reaches addr.
func baseURL(addr net.Addr) string {
	tcp, ok := addr.(*net.TCPAddr)
	if !ok {
		return "http://" + addr.String()
	}
	host := tcp.IP.String()
	if tcp.IP.IsUnspecified() || tcp.IP.IsLoopback() {
		host = "localhost"
	}
	return "http://" + net.JoinHostPort(host, strconv.Itoa(tcp.Port))
}
