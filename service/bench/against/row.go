package main

import (
	"cmp"
	"maps"
	"math"
	"slices"
)

const (
	goal   = 1.03 // what a commit may cost
	lookAt = 1.08 // past it somebody looks for the reason
)

// row is a metric of both sides.
type row struct {
	pkg string
	metric
	reference, current float64 // the medians of each side
	// The ratios of this tree to the reference, pair by pair: their median and the ends.
	ratio, least, most float64
	pairs              int
}

// worse is the ratio, turned so that above 1 this tree is the worse.
func (r row) worse() float64 {
	if r.moreIsBetter() {
		return 1 / r.ratio
	}
	return r.ratio
}

// mark is "?" past the goal and "!" where it must be looked at.
func (r row) mark() string {
	switch worse := r.worse(); {
	case worse > lookAt:
		return "!"
	case worse > goal:
		return "?"
	}
	return ""
}

// compareRows puts the worst first.
func compareRows(a, b row) int {
	return cmp.Or(cmp.Compare(b.worse(), a.worse()), cmp.Compare(a.pkg, b.pkg),
		cmp.Compare(a.benchmark, b.benchmark), cmp.Compare(a.unit, b.unit))
}

// rowsOf returns a row for each metric that both sides have in a pair, and of each other
// the side that has it.
func rowsOf(pairs []pair) (rows []row, single map[metric]side) {
	values, single := map[metric][2][]float64{}, map[metric]side{}
	for _, p := range pairs {
		for of, v := range p[reference].values {
			if w, ok := p[current].values[of]; ok {
				both := values[of]
				values[of] = [2][]float64{append(both[reference], v), append(both[current], w)}
			} else {
				single[of] = reference
			}
		}
		for of := range p[current].values {
			if _, ok := p[reference].values[of]; !ok {
				single[of] = current
			}
		}
	}
	maps.DeleteFunc(single, func(of metric, _ side) bool { return len(values[of][reference]) > 0 })
	for of, both := range values {
		rows = append(rows, newRow(of, both[reference], both[current]))
	}
	slices.SortFunc(rows, compareRows)
	return rows, single
}

func newRow(of metric, before, now []float64) row {
	ratios := make([]float64, len(before))
	for i := range before {
		ratios[i] = ratio(before[i], now[i])
	}
	return row{
		metric: of, reference: median(before), current: median(now), pairs: len(before),
		ratio: median(ratios), least: slices.Min(ratios), most: slices.Max(ratios),
	}
}

// ratio is 1 where both are 0, such as allocations.
func ratio(before, now float64) float64 {
	if before == now {
		return 1
	}
	if before == 0 {
		return math.Inf(1)
	}
	return now / before
}

// median returns the middle one, or the mean of the middle two.
func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}
