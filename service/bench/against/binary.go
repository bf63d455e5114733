package main

import (
	"context"
	"os"
)

// binary runs one benchmark of a test binary.
type binary struct {
	file      string
	dir       string // the package's, where its testdata is
	temporary string // for its files; removed with the workspace if it is killed
	benchmark string
}

// run returns what the benchmark prints.
func (b binary) run(ctx context.Context, benchtime string) (string, error) {
	c := command(ctx, b.dir, b.file, "-test.run=^$", "-test.bench=^"+b.benchmark+"$", "-test.benchtime="+benchtime,
		"-test.benchmem", "-test.timeout=10m", "-test.v") // -test.v shows why a benchmark is skipped
	c.Env = append(os.Environ(), "TMPDIR="+b.temporary)
	return output(c)
}
