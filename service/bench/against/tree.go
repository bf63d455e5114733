package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
)

// tree is a folder that holds the module.
type tree struct {
	dir   string
	title string // the commit, for people
}

// benchmarks finds all of a tree.
func (t tree) benchmarks(ctx context.Context) (all []benchmark, err error) {
	list, err := output(command(ctx, t.dir, "go", "list", "-json=ImportPath,Dir,Module,TestGoFiles,XTestGoFiles", "./..."))
	if err != nil {
		return nil, fmt.Errorf("list the packages of %s: %w", t.title, err)
	}
	for packages := json.NewDecoder(strings.NewReader(list)); ; {
		var p struct {
			ImportPath, Dir           string
			Module                    struct{ Path string }
			TestGoFiles, XTestGoFiles []string
		}
		if err := packages.Decode(&p); errors.Is(err, io.EOF) {
			return all, nil
		} else if err != nil {
			return nil, err
		}
		for _, file := range slices.Concat(p.TestGoFiles, p.XTestGoFiles) {
			names, err := benchmarksIn(filepath.Join(p.Dir, file))
			if err != nil {
				return nil, err
			}
			for _, name := range names {
				all = append(all, benchmark{short(p.ImportPath, p.Module.Path), name})
			}
		}
	}
}

// short returns a package's path within its module.
func short(path, module string) string {
	if path == module {
		return "."
	}
	return strings.TrimPrefix(path, module+"/")
}
