package main

import (
	"context"
	"fmt"
	"time"
)

// side is one of the two that are compared.
type side int

const (
	reference side = iota
	current
)

func (s side) String() string { return [...]string{"the reference", "this tree"}[s] }

// pair is what both sides printed in runs one right after the other, by side.
type pair [2]sample

// fewest is how many pairs a benchmark gets, however slow it is.
const fewest = 3

// runner runs a benchmark by turns on both sides.
type runner struct {
	pairs int
	limit time.Duration
	// command runs the benchmark once, in a process of its own, and returns what it
	// prints.
	command func(context.Context, side) (string, error)
}

// measure returns the pairs that are whole, also when it fails or ctx ends. The side that
// runs first changes from pair to pair, so that a machine that slows down or warms up
// favours neither. A benchmark that was skipped or prints nothing is run once.
func (r runner) measure(ctx context.Context) (pairs []pair, err error) {
	began := time.Now()
	for len(pairs) < r.pairs && !r.late(began, len(pairs)) {
		order := []side{reference, current}
		if len(pairs)%2 == 1 {
			order = []side{current, reference}
		}
		var p pair
		for _, s := range order {
			out, err := r.command(ctx, s)
			if err != nil {
				return pairs, fmt.Errorf("run of %v: %w", s, err)
			}
			p[s] = parse(out)
		}
		pairs = append(pairs, p)
		if len(p[reference].values) == 0 || len(p[current].values) == 0 {
			break
		}
	}
	return pairs, nil
}

// late reports whether one pair more would pass the limit.
func (r runner) late(began time.Time, done int) bool {
	if r.limit == 0 || done < fewest {
		return false
	}
	took := time.Since(began)
	return took+took/time.Duration(done) > r.limit
}
