package main

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// onThis gives the benchmarks of an output written for two processors the ending that
// they have on this machine.
func onThis(out string) string {
	ending := ""
	if n := runtime.GOMAXPROCS(0); n > 1 {
		ending = fmt.Sprint("-", n)
	}
	return strings.ReplaceAll(out, "-2 ", ending+" ")
}

func TestParse(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, out string
		values    map[metric]float64
		skipped   map[string]string
	}{
		{
			name: "time, memory and a rate",
			out: "goos: linux\nBenchmarkEnqueue\nBenchmarkEnqueue/journal\n" +
				"BenchmarkEnqueue/journal-2   \t   40000\t     25263 ns/op\t     39584 messages/s\t    3230 B/op\t      45 allocs/op\nPASS\n",
			values: map[metric]float64{
				{"Enqueue/journal", "ns/op"}: 25263, {"Enqueue/journal", "messages/s"}: 39584,
				{"Enqueue/journal", "B/op"}: 3230, {"Enqueue/journal", "allocs/op"}: 45,
			},
		},
		{
			name: "memory goes with the time",
			out:  "BenchmarkReceive/grpc/small-2 \t 1\t 62.20 bare-µs/req\t 73.05 cpu-µs/req\t 1.174 ratio\t 5000 B/op\t 12 allocs/op\n",
			values: map[metric]float64{
				{"Receive/grpc/small", "bare-µs/req"}: 62.2, {"Receive/grpc/small", "cpu-µs/req"}: 73.05, {"Receive/grpc/small", "ratio"}: 1.174,
			},
		},
		{
			name:   "a name that ends in a number",
			out:    "BenchmarkSize-1024-2 \t 10\t 1e+06 ns/op\n",
			values: map[metric]float64{{"Size-1024", "ns/op"}: 1e6},
		},
		{
			name:    "skipped",
			out:     "BenchmarkNext\n    bench_test.go:92: no initdb in PATH\n--- SKIP: BenchmarkNext\nBenchmarkAll/a_b\n    x_test.go:4: later\n    --- SKIP: BenchmarkAll/a_b\nPASS\n",
			skipped: map[string]string{"Next": "no initdb in PATH", "All/a_b": "later"},
		},
		{
			name:   "what the benchmark itself prints",
			out:    "BenchmarkX\nBenchmarks are 5 of 6\nBenchmarkX-2 \t many\t 5 ns/op\nBenchmarkX-2 \t 5\t much ns/op\n\nBenchmarkX-2 \t 7\t 5.5 ns/op\n",
			values: map[metric]float64{{"X", "ns/op"}: 5.5},
		},
		{name: "nothing"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := parse(onThis(c.out))
			if diff := cmp.Diff(c.values, got.values, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("values (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.skipped, got.skipped, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("skipped (-want +got):\n%s", diff)
			}
		})
	}
}
