package main

import (
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
)

// report is what people read.
type report struct {
	reference, current string // the commits
	rows               []row
	missing            []string // what only one side has
	skipped            []string
	failed             []string
}

// add appends the rows of a benchmark. Figures that only one side has are listed as
// missing.
func (r *report) add(m match, pairs []pair) {
	rows, single := rowsOf(pairs)
	for _, row := range rows {
		row.pkg = m.current.pkg
		r.rows = append(r.rows, row)
	}
	for of, s := range single {
		r.missing = append(r.missing, fmt.Sprintf("%s.%s %s: only %v has it", m.current.pkg, of.benchmark, of.unit, s))
	}
	if len(pairs) == 0 {
		return
	}
	for s, sample := range pairs[0] {
		for name, reason := range sample.skipped {
			r.skipped = append(r.skipped, fmt.Sprintf("%s.%s, by %v: %s", m.current.pkg, name, side(s), reason))
		}
		if len(sample.values)+len(sample.skipped) == 0 {
			r.fail(m.String(), fmt.Errorf("%v prints no figures", side(s)))
		}
	}
}

// fail adds what could not be built or run.
func (r *report) fail(what string, err error) {
	r.failed = append(r.failed, fmt.Sprintf("%s: %v", what, err))
}

// err holds what could not be built or run. A figure is never an error.
func (r *report) err() error {
	if len(r.failed) == 0 {
		return nil
	}
	return errors.New("could not be built or run:\n" + strings.Join(r.failed, "\n"))
}

// print writes the table, the worst figure first, and the lists below it.
func (r *report) print(w io.Writer) {
	fmt.Fprintf(w, "reference: %s\nthis tree: %s\n", r.reference, r.current)
	slices.SortStableFunc(r.rows, compareRows)
	if len(r.rows) > 0 {
		fmt.Fprintln(w)
		t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
		fmt.Fprintln(t, "\tratio\tmin\tmax\treference\tthis tree\tunit\tbetter\tpairs\t  benchmark")
		for _, row := range r.rows {
			better := "less"
			if row.moreIsBetter() {
				better = "more"
			}
			fmt.Fprintf(t, "%s\t%.3f\t%.3f\t%.3f\t%s\t%s\t%s\t%s\t%d\t  %s.%s\n", row.mark(), row.ratio, row.least, row.most,
				figure(row.reference), figure(row.current), row.unit, better, row.pairs, row.pkg, row.benchmark)
		}
		_ = t.Flush() // nobody is left to report it to
	}
	list(w, "Not compared:", r.missing)
	list(w, "Not run:", r.skipped)
}

func list(w io.Writer, title string, lines []string) {
	if len(lines) == 0 {
		return
	}
	slices.Sort(lines)
	fmt.Fprintf(w, "\n%s\n  %s\n", title, strings.Join(lines, "\n  "))
}

// figure has four digits, or all of those before the point.
func figure(v float64) string {
	if math.Abs(v) >= 1000 {
		return strconv.FormatFloat(v, 'f', 0, 64)
	}
	return strconv.FormatFloat(v, 'g', 4, 64)
}
