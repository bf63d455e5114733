package bench_test

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"
)

// rasaEnv names the Python that has Rasa; `make bench-rasa` installs it.
const rasaEnv = "MANYVOX_BENCH_RASA"

const rasaCalls = 4000 // in a run

// BenchmarkRasa compares the REST channel, with the default journal and with the one in
// memory, to Rasa's own RestInput. The three take turns on the same core, each with an
// agent that says the text back.
func BenchmarkRasa(b *testing.B) {
	python := os.Getenv(rasaEnv)
	if python == "" {
		b.Skip("needs Rasa in a virtual environment: run make bench-rasa")
	}
	where := pin(b)
	rasa := &rival{name: "Rasa's `RestInput`", server: startRasa(b, python), calls: rasaCalls}
	for b.Loop() {
		table := &strings.Builder{}
		for _, streamed := range []bool{false, true} {
			journal, memory := withJournal(b), inMemory(b)
			takeTurns(b, streamed, rasa, journal, memory)
			report(b, table, streamed, rasa, journal, memory)
		}
		b.Logf("%s\n%s%s", where, heading, table)
	}
	b.ReportMetric(0, "ns/op")
}

const heading = `| | processor time | of Rasa's | of memory's | calls a second | p50 | p99 |
|---|---|---|---|---|---|---|
`

// report adds a row for each to the table that docs/performance.md has.
func report(b *testing.B, table *strings.Builder, streamed bool, rasa, journal, memory *rival) {
	b.Helper()
	way := "collected"
	if streamed {
		way = "streamed"
	}
	for _, r := range []*rival{rasa, journal, memory} {
		at := func(percent int) float64 {
			return float64(r.best.took[(len(r.best.took)-1)*percent/100].Microseconds()) / 1000
		}
		fmt.Fprintf(table, "| %s, %s | %.0f µs | %.2f | %.2f | %.0f | %.1f ms | %.1f ms |\n",
			way, r.name, r.best.cpu, r.best.cpu/rasa.best.cpu, r.best.cpu/memory.best.cpu, r.best.rate, at(50), at(99))
	}
	b.ReportMetric(journal.best.cpu/rasa.best.cpu, way+"-of-rasa's")
	b.ReportMetric(memory.best.cpu/rasa.best.cpu, way+"-memory-of-rasa's")
	b.ReportMetric(journal.best.cpu/memory.best.cpu, way+"-of-memory's")
}

// startRasa starts restinput.py. What Rasa's libraries warn of is shown only when the
// benchmark fails.
func startRasa(b *testing.B, python string) server {
	b.Helper()
	var warnings bytes.Buffer
	c := onServerCore(python, "restinput.py")
	c.Stderr = &warnings
	b.Cleanup(func() { // runs after the server has ended
		if b.Failed() {
			b.Logf("%s", warnings.Bytes())
		}
	})
	return startProcess(b, c, "RASA_TELEMETRY_ENABLED=false", "TF_CPP_MIN_LOG_LEVEL=3")
}
