package cmd

import (
	"context"
	"fmt"

	"github.com/manyvox/manyvox/service/journal"
)

// backupCommand copies the journal.
type backupCommand struct {
	storeFlags `embed:""`
	dataFlags  `embed:""`
	File       string `arg:"" help:"Where to. It must not exist yet."`
}

// Run writes the copy. The service may run meanwhile.
func (c *backupCommand) Run(ctx context.Context, p Program) error {
	store, env, err := c.store(p, c.DataDir)
	if err != nil {
		return err
	}
	b, ok := store.Store.(journal.Backuper)
	if !ok {
		return usageError{fmt.Errorf("backup: store %s has no file to copy: "+
			"a PostgreSQL is backed up by pg_dump, and the store memory keeps nothing that could be", store.StoreType)}
	}
	if err := b.Backup(ctx, env, c.File); err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	fmt.Fprintf(p.Stdout, "wrote %s\n", c.File)
	return nil
}
