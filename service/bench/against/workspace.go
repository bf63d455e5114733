package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// workspace is a temporary folder with a worktree of the reference in it. The binaries
// and their temporary files lie there too.
type workspace struct {
	dir                string
	reference, current tree
}

// openWorkspace checks the commit out beside the tree that dir lies in. The workspace
// must be removed.
func openWorkspace(ctx context.Context, dir, ref string) (w workspace, err error) {
	w.current.dir, err = output(command(ctx, dir, "git", "rev-parse", "--show-toplevel"))
	if err != nil {
		return w, err
	}
	commit, err := output(command(ctx, w.current.dir, "git", "rev-parse", "--verify", "--end-of-options", ref+"^{commit}"))
	if err != nil {
		return w, fmt.Errorf("commit %s: %w", ref, err)
	}
	if w.dir, err = os.MkdirTemp("", "bench-against"); err != nil {
		return w, err
	}
	w.reference.dir = filepath.Join(w.dir, "reference")
	//nolint:gosec // PostgreSQL runs as a user of its own and must pass through
	err = os.Chmod(w.dir, 0o711)
	if err == nil {
		_, err = output(command(ctx, w.current.dir, "git", "worktree", "add", "--detach", w.reference.dir, commit))
	}
	if err != nil {
		return w, errors.Join(err, os.RemoveAll(w.dir))
	}
	if err := w.setTitles(ctx); err != nil {
		return w, errors.Join(err, w.remove(ctx))
	}
	return w, nil
}

func (w *workspace) setTitles(ctx context.Context) error {
	for _, t := range []*tree{&w.reference, &w.current} {
		title, err := output(command(ctx, t.dir, "git", "log", "-1", "--format=%h %s"))
		if err != nil {
			return err
		}
		t.title = title
	}
	changes, err := output(command(ctx, w.current.dir, "git", "status", "--porcelain"))
	if changes != "" {
		w.current.title += ", and changes that are not committed"
	}
	return err
}

func (w workspace) trees() [2]tree { return [2]tree{reference: w.reference, current: w.current} }

// remove ends the worktree and deletes the folder, also after an interrupt.
func (w workspace) remove(ctx context.Context) error {
	ctx = context.WithoutCancel(ctx)
	_, err := output(command(ctx, w.current.dir, "git", "worktree", "remove", "--force", w.reference.dir))
	// A server that an interrupted benchmark has started may write for a moment more.
	for range 20 {
		e := os.RemoveAll(w.dir)
		if e == nil {
			return err
		}
		err = e
		time.Sleep(100 * time.Millisecond)
	}
	return err
}
