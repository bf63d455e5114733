package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestReport(t *testing.T) {
	t.Parallel()
	sqlite, bench := match{benchmark{"sqlite", "BenchmarkTurn"}, benchmark{"sqlite", "BenchmarkTurn"}}, match{benchmark{"bench", "BenchmarkAsk"}, benchmark{"bench", "BenchmarkAsk"}}
	r := report{reference: "de43abd Before", current: "5a55508 After", missing: []string{"sqlite.Join: only the reference has it"}}
	turn := of(metric{"Turn", "messages/s"}, 14600, 13000)
	turn[reference].values[metric{"Turn", "p50-µs"}] = 7
	r.add(sqlite, []pair{turn})
	r.add(bench, []pair{of(metric{"Ask/events", "p50-ratio"}, 1, 1.0512), of(metric{"Ask/events", "p50-ratio"}, 1.04, 1.04)})
	r.add(bench, []pair{of(metric{"Ask/events", "cpu-µs/req"}, 341.25, 300)})
	r.add(sqlite, []pair{{reference: {skipped: map[string]string{"Next": "no disk"}}, current: {skipped: map[string]string{"Next": "no disk"}}}})
	var out strings.Builder
	r.print(&out)
	want := `reference: de43abd Before
this tree: 5a55508 After

     ratio    min    max  reference  this tree        unit  better  pairs  benchmark
  !  0.890  0.890  0.890      14600      13000  messages/s    more      1  sqlite.Turn
     1.026  1.000  1.051       1.02      1.046   p50-ratio    less      2  bench.Ask/events
     0.879  0.879  0.879      341.2        300  cpu-µs/req    less      1  bench.Ask/events

Not compared:
  sqlite.Join: only the reference has it
  sqlite.Turn p50-µs: only the reference has it

Not run:
  sqlite.Next, by the reference: no disk
  sqlite.Next, by this tree: no disk
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("report (-want +got):\n%s", diff)
	}
	if err := r.err(); err != nil {
		t.Errorf("a worse figure is an error: %v", err)
	}
	r.add(bench, []pair{{}})
	if err := r.err(); err == nil || !strings.Contains(err.Error(), "bench.Ask: this tree prints no figures") {
		t.Errorf("error %v of a benchmark that prints nothing", err)
	}
}
