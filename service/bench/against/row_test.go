package main

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// of is a pair of one metric.
func of(m metric, before, now float64) pair {
	return pair{reference: {values: map[metric]float64{m: before}}, current: {values: map[metric]float64{m: now}}}
}

func TestRows(t *testing.T) {
	t.Parallel()
	took, rate := metric{"Next", "ns/op"}, metric{"Turn", "messages/s"}
	only := pair{reference: {values: map[metric]float64{took: 1}}}
	for _, c := range []struct {
		name  string
		pairs []pair
		want  row
		mark  string
	}{
		{
			name: "the medians and the ratios of pairs",
			// The machine was twice as slow in the second pair.
			pairs: []pair{of(took, 100, 110), of(took, 200, 200), of(took, 100, 105)},
			want:  row{metric: took, reference: 100, current: 110, ratio: 1.05, least: 1, most: 1.1, pairs: 3},
			mark:  "?",
		},
		{
			name:  "an even number",
			pairs: []pair{of(took, 100, 110), of(took, 100, 120)},
			want:  row{metric: took, reference: 100, current: 115, ratio: 1.15, least: 1.1, most: 1.2, pairs: 2},
			mark:  "!",
		},
		{
			name:  "faster",
			pairs: []pair{of(took, 100, 50)},
			want:  row{metric: took, reference: 100, current: 50, ratio: 0.5, least: 0.5, most: 0.5, pairs: 1},
		},
		{
			name:  "within the goal",
			pairs: []pair{of(took, 100, 103)},
			want:  row{metric: took, reference: 100, current: 103, ratio: 1.03, least: 1.03, most: 1.03, pairs: 1},
		},
		{
			name:  "a higher rate",
			pairs: []pair{of(rate, 100, 200)},
			want:  row{metric: rate, reference: 100, current: 200, ratio: 2, least: 2, most: 2, pairs: 1},
		},
		{
			name:  "a lower rate",
			pairs: []pair{of(rate, 100, 95)},
			want:  row{metric: rate, reference: 100, current: 95, ratio: 0.95, least: 0.95, most: 0.95, pairs: 1},
			mark:  "?",
		},
		{
			name:  "a far lower rate",
			pairs: []pair{of(rate, 100, 92)},
			want:  row{metric: rate, reference: 100, current: 92, ratio: 0.92, least: 0.92, most: 0.92, pairs: 1},
			mark:  "!",
		},
		{
			name:  "none on both sides",
			pairs: []pair{of(took, 0, 0)},
			want:  row{metric: took, ratio: 1, least: 1, most: 1, pairs: 1},
		},
		{
			name:  "some where there were none",
			pairs: []pair{of(took, 0, 2)},
			want:  row{metric: took, current: 2, ratio: math.Inf(1), least: math.Inf(1), most: math.Inf(1), pairs: 1},
			mark:  "!",
		},
		{
			name:  "a pair of which one side prints it",
			pairs: []pair{of(took, 100, 100), only},
			want:  row{metric: took, reference: 100, current: 100, ratio: 1, least: 1, most: 1, pairs: 1},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			rows, single := rowsOf(c.pairs)
			if diff := cmp.Diff([]row{c.want}, rows, cmp.AllowUnexported(row{}, metric{}), cmpopts.EquateApprox(1e-9, 0)); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
			if len(single) > 0 {
				t.Errorf("of one side alone: %v", single)
			}
			if got := c.want.mark(); got != c.mark {
				t.Errorf("mark %q, want %q", got, c.mark)
			}
		})
	}
}

func TestRowsOfOneSide(t *testing.T) {
	t.Parallel()
	before, now := metric{"Next", "p50-µs"}, metric{"Next", "p99-µs"}
	rows, single := rowsOf([]pair{{reference: {values: map[metric]float64{before: 1}}, current: {values: map[metric]float64{now: 2}}}})
	want := map[metric]side{before: reference, now: current}
	if diff := cmp.Diff(want, single); diff != "" || len(rows) > 0 {
		t.Errorf("rows %v; of one side alone (-want +got):\n%s", rows, diff)
	}
}
