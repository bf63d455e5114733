package main

import (
	"context"
	"fmt"
	"io"
	"time"
)

// comparison is one run of the program.
type comparison struct {
	options
	workspace
	report   report
	progress io.Writer
}

// compare builds both sides, runs what both have, and reports it. An interrupt ends it
// early, with a report of what was measured until then. It leaves nothing behind.
func compare(ctx context.Context, dir string, o options, progress io.Writer) (r report, err error) {
	w, err := openWorkspace(ctx, dir, o.ref)
	if err != nil {
		return r, err
	}
	defer func() {
		if err := w.remove(ctx); err != nil {
			r.fail("the worktree of the reference", err)
		}
	}()
	c := comparison{o, w, report{reference: w.reference.title, current: w.current.title}, progress}
	matches, err := c.matches(ctx)
	if err != nil {
		return r, err
	}
	c.measure(ctx, c.build(ctx, matches))
	if ctx.Err() != nil {
		c.report.fail("the rest", context.Cause(ctx))
	}
	return c.report, nil
}

// matches finds the benchmarks of both sides. Those that only one has are reported.
func (c *comparison) matches(ctx context.Context) (all []match, err error) {
	var found [2][]benchmark
	for s, t := range c.trees() {
		if found[s], err = t.benchmarks(ctx); err != nil {
			return nil, err
		}
	}
	matches, single := pairUp(found[reference], found[current])
	for _, m := range matches {
		if c.only.MatchString(m.String()) {
			all = append(all, m)
		}
	}
	for _, s := range single {
		if c.only.MatchString(s.benchmark.String()) {
			c.report.missing = append(c.report.missing, fmt.Sprintf("%v: only %v has it", s.benchmark, s.side))
		}
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("no benchmark matches %q on both sides", c.only)
	}
	return all, nil
}

// built is a benchmark with the binaries of both sides.
type built struct {
	match
	sides [2]binary
}

// build returns what can be run. What cannot be built is reported.
func (c *comparison) build(ctx context.Context, matches []match) (ready []built) {
	fmt.Fprintln(c.progress, "building both sides")
	b := builder{trees: c.trees(), dir: c.dir, failed: map[string]error{}}
	for _, m := range matches {
		sides, err := b.both(ctx, m)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			c.report.fail(m.String(), err)
		default:
			ready = append(ready, built{m, sides})
		}
	}
	return ready
}

// measure runs one benchmark after the other until ctx ends, and reports the figures.
func (c *comparison) measure(ctx context.Context, all []built) {
	for i, b := range all {
		began := time.Now()
		r := runner{c.pairs, c.limit, func(ctx context.Context, s side) (string, error) {
			return b.sides[s].run(ctx, c.benchtime)
		}}
		pairs, err := r.measure(ctx)
		c.report.add(b.match, pairs)
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			c.report.fail(b.String(), err)
		}
		fmt.Fprintf(c.progress, "%d of %d: %v, %d pairs in %v\n", i+1, len(all), b, len(pairs), time.Since(began).Round(time.Second))
	}
}
