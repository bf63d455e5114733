package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
)

// builder builds the test binary of each package once.
type builder struct {
	trees  [2]tree
	dir    string           // where the binaries go
	failed map[string]error // by the binary's file; nil where it is built
}

// both returns the commands that run a benchmark, one of each side.
func (b builder) both(ctx context.Context, m match) (sides [2]binary, err error) {
	for s, of := range [2]benchmark{m.reference, m.current} {
		t := b.trees[s]
		file := filepath.Join(b.dir, fmt.Sprintf("%d-%s.test", s, strings.ReplaceAll(of.pkg, "/", "-")))
		err, done := b.failed[file]
		if !done {
			_, err = output(command(ctx, t.dir, "go", "test", "-c", "-o", file, "./"+of.pkg))
			b.failed[file] = err
		}
		if err != nil {
			return sides, fmt.Errorf("build of %v: %w", side(s), err)
		}
		sides[s] = binary{file: file, dir: filepath.Join(t.dir, of.pkg), temporary: b.dir, benchmark: of.name}
	}
	return sides, nil
}
