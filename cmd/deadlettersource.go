package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"syscall"

	manyvoxv1 "github.com/manyvox/manyvox/gen/manyvox/v1"
	"github.com/manyvox/manyvox/gen/manyvox/v1/manyvoxv1connect"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/rpc"
	"github.com/manyvox/manyvox/service/setup"
)

// deadLetterService is what ConversationService does about dead letters, in a program that runs
// or in this process.
type deadLetterService interface {
	ListDeadLetters(context.Context, *manyvoxv1.ListDeadLettersRequest) (*manyvoxv1.ListDeadLettersResponse, error)
	ReplayDeadLetters(context.Context, *manyvoxv1.ReplayDeadLettersRequest) (*manyvoxv1.ReplayDeadLettersResponse, error)
	DropDeadLetters(context.Context, *manyvoxv1.DropDeadLettersRequest) (*manyvoxv1.DropDeadLettersResponse, error)
}

// deadLetterSource are the flags of the commands that reach dead letters, by a program
// that runs or by the journal.
type deadLetterSource struct {
	clientFlags `embed:""`
	storeFlags  `embed:""`
}

// open calls f with the program that runs. When none runs and --server names none, it
// opens the journal itself: the reason to look may be that the program does not start.
func (c *deadLetterSource) open(ctx context.Context, p Program, f func(deadLetterService) error) error {
	err := c.call(p, func(client manyvoxv1connect.ConversationServiceClient) error { return f(client) })
	if c.Server != "" || !errors.Is(err, syscall.ECONNREFUSED) {
		return err
	}
	return c.openJournal(ctx, p, f)
}

func (c *deadLetterSource) openJournal(ctx context.Context, p Program, f func(deadLetterService) error) (err error) {
	store, env, err := c.store(p, c.DataDir)
	if err != nil {
		return err
	}
	server, _ := c.base(p) // was asked
	if i, ok := store.Store.(journal.Inspector); ok {
		// To open it would make one where there is none, and hide a wrong directory.
		if found, err := i.Inspect(ctx, env); err == nil && found.Bytes == 0 {
			return fmt.Errorf("no program answers at %s, and there is no journal at %s: give --server, or --data-dir", server, found.Place)
		}
	}
	fmt.Fprintf(p.Stderr, "manyvox: no program answers at %s: opening the journal itself (store %s)\n", server, store.StoreType)
	j, err := store.Store.Open(ctx, env)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, j.Close()) }()
	id, err := setup.ProgramID(ctx, j)
	if err != nil {
		return err
	}
	return f(rpc.DeadLetters{Journal: j, Cursors: rpc.Cursors(id), Log: env.Log})
}

// store returns the configuration of the store that endpoints.yml names, and the Env to
// open it with.
func (c *storeFlags) store(p Program, dataDir string) (*setup.Endpoints, journal.Env, error) {
	log := warningLog(p.Stderr)
	l := &loaded{}
	if err := p.loadEndpoints(l, fileFlags{Endpoints: c.Endpoints}, log, &loaded{}); err != nil {
		return nil, journal.Env{}, usageError{err}
	}
	l.CloseAgents(nil, log) // nobody will ask it
	return l.Endpoints, journal.Env{DataDir: dataDir, Log: log, Retention: l.Retention}, nil
}

// warningLog returns a log of warnings and errors alone.
func warningLog(w io.Writer) *slog.Logger {
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: slog.LevelWarn}))
}
