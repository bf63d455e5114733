package main

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPairUp(t *testing.T) {
	t.Parallel()
	before := []benchmark{
		{"service/bench", "BenchmarkAsk"}, {"service/journal/sqlite", "BenchmarkNext"}, {"service/journal/sqlite", "BenchmarkJoin"},
		{"service/journal/lines", "BenchmarkTake"}, {"a/x", "BenchmarkTwice"}, {"b/x", "BenchmarkTwice"},
	}
	now := []benchmark{
		{"bench", "BenchmarkAsk"}, {"service/journal/sqlite", "BenchmarkNext"}, {"service/journal/sqlite", "BenchmarkAcquire"},
		{"service/journal/scheduler", "BenchmarkTake"}, {"c/x", "BenchmarkTwice"},
	}
	matches, single := pairUp(before, now)
	if diff := cmp.Diff("[bench.Ask (was in service/bench) service/journal/sqlite.Next]", fmt.Sprint(matches)); diff != "" {
		t.Errorf("matches (-want +got):\n%s", diff)
	}
	var got []string
	for _, s := range single {
		got = append(got, fmt.Sprintf("%v: %v", s.benchmark, s.side))
	}
	want := []string{
		"a/x.Twice: the reference", "b/x.Twice: the reference", "c/x.Twice: this tree",
		"service/journal/lines.Take: the reference", "service/journal/scheduler.Take: this tree",
		"service/journal/sqlite.Acquire: this tree", "service/journal/sqlite.Join: the reference",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("of one side alone (-want +got):\n%s", diff)
	}
}

func TestIsBenchmark(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{
		"BenchmarkNext": true, "Benchmark": true, "Benchmark_2": true, "Benchmarked": false, "TestNext": false,
	} {
		if got := isBenchmark(name); got != want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
