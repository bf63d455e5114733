// Command against compares the benchmarks of this tree with those of another commit.
// It builds both, runs each benchmark by turns on one and on the other, and prints how
// the figures differ. A worse figure is shown; it is never an error.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"regexp"
	"syscall"
	"time"
)

// options are the flags.
type options struct {
	ref       string
	only      *regexp.Regexp // chooses by "package.Benchmark"
	pairs     int
	benchtime string
	limit     time.Duration // of one benchmark, 0 for none
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, ".", os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run compares the tree that dir lies in, and returns the exit code: 1 when something
// could not be built or run, 2 when the arguments are wrong.
func run(ctx context.Context, dir string, args []string, out, progress io.Writer) int {
	o, err := parseOptions(args, progress)
	if err != nil {
		fmt.Fprintln(progress, "against:", err)
		return 2
	}
	r, err := compare(ctx, dir, o, progress)
	if err == nil {
		r.print(out)
	}
	if err = errors.Join(err, r.err()); err != nil {
		fmt.Fprintln(progress, "against:", err)
		return 1
	}
	return 0
}

func parseOptions(args []string, usage io.Writer) (o options, err error) {
	flags := flag.NewFlagSet("against", flag.ContinueOnError)
	flags.SetOutput(usage)
	flags.StringVar(&o.ref, "ref", "", "the `commit` to compare with")
	flags.IntVar(&o.pairs, "pairs", 9, "how often each benchmark is run on both sides")
	flags.StringVar(&o.benchtime, "benchtime", "1s", "passed to the benchmarks")
	flags.DurationVar(&o.limit, "limit", 4*time.Minute, "a benchmark that would take longer gets fewer pairs, but 3; 0 for none")
	only := flags.String("only", "", "a `regexp` of the benchmarks to run, such as sqlite.*Next")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	switch {
	case flags.NArg() > 0:
		return o, fmt.Errorf("argument %s is not known", flags.Arg(0))
	case o.ref == "":
		return o, fmt.Errorf("-ref is required: the commit to compare with")
	case o.pairs < 1:
		return o, fmt.Errorf("-pairs must be at least 1")
	}
	if o.only, err = regexp.Compile(*only); err != nil {
		return o, fmt.Errorf("-only: %w", err)
	}
	return o, nil
}
