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

// letters is what ConversationService does about dead letters, in a program that runs
// or in this process.
type letters interface {
	ListDeadLetters(context.Context, *manyvoxv1.ListDeadLettersRequest) (*manyvoxv1.ListDeadLettersResponse, error)
	ReplayDeadLetters(context.Context, *manyvoxv1.ReplayDeadLettersRequest) (*manyvoxv1.ReplayDeadLettersResponse, error)
	DropDeadLetters(context.Context, *manyvoxv1.DropDeadLettersRequest) (*manyvoxv1.DropDeadLettersResponse, error)
}

// letterbox is where dead letters are.
type letterbox struct {
	calling `embed:""`
	storing `embed:""`
}

// open has f ask the program that runs. Where none does, unless one was named, it opens
// the journal: they may be looked at just because the program does not start.
func (c *letterbox) open(ctx context.Context, p Program, f func(letters) error) error {
	err := c.call(p, func(client manyvoxv1connect.ConversationServiceClient) error { return f(client) })
	if c.Server != "" || !errors.Is(err, syscall.ECONNREFUSED) {
		return err
	}
	return c.openJournal(ctx, p, f)
}

func (c *letterbox) openJournal(ctx context.Context, p Program, f func(letters) error) (err error) {
	store, env, err := c.store(p)
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
	return f(rpc.DeadLetters{Journal: j, Log: env.Log})
}

// store reads which store endpoints.yml names, and what it is given.
func (c *storing) store(p Program) (*setup.Endpoints, journal.Env, error) {
	log := quietLog(p.Stderr)
	l := &loaded{}
	if err := p.loadEndpoints(l, files{Endpoints: c.Endpoints}, log); err != nil {
		return nil, journal.Env{}, usageError{err}
	}
	return l.Endpoints, journal.Env{DataDir: c.DataDir, Log: log, Retention: l.Retention}, nil
}

// quietLog logs what is wrong only.
func quietLog(w io.Writer) *slog.Logger {
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: slog.LevelWarn}))
}
