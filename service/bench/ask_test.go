package bench_test

import (
	"fmt"
	"math"
	"slices"
	"sync"
	"testing"
	"time"
)

const (
	// pace is how many calls are made in a second, whatever the answers take.
	pace          = 500
	paced         = 2000 // calls in a run
	conversations = 1000 // they belong to
)

// BenchmarkAsk compares Receive with its events kept in SQLite to the same without a
// file: how long a caller waits, and the server's processor time.
func BenchmarkAsk(b *testing.B) {
	for name, id := range map[string]string{"events": "", "message_id": "m"} {
		b.Run(name, func(b *testing.B) { askBoth(b, id) })
	}
}

func askBoth(b *testing.B, id string) {
	on, off := start(b, "journal"), start(b, "manyvox")
	for b.Loop() {
		with, without := cheapest(), cheapest()
		for round := range rounds {
			without.keep(askPaced(b, off, id, round))
			with.keep(askPaced(b, on, id, round))
		}
		b.ReportMetric(with.p50, "p50-µs")
		b.ReportMetric(without.p50, "off-p50-µs")
		b.ReportMetric(with.p50/without.p50, "p50-ratio")
		b.ReportMetric(with.cpu, "cpu-µs/req")
		b.ReportMetric(without.cpu, "off-cpu-µs/req")
	}
	b.ReportMetric(0, "ns/op")
}

// run is what a run took, in microseconds.
type run struct{ p50, cpu float64 }

func cheapest() run { return run{math.Inf(1), math.Inf(1)} }

func (r *run) keep(o run) { r.p50, r.cpu = min(r.p50, o.p50), min(r.cpu, o.cpu) }

func askPaced(b *testing.B, s server, id string, round int) run {
	b.Helper()
	call := receiveFrom(s)
	spent := func() float64 { return cpu(b, func(text string) (string, error) { return call("operator", "", text) }) }
	before := spent()
	took := make([]time.Duration, paced)
	var wg sync.WaitGroup
	next := time.NewTicker(time.Second / pace)
	defer next.Stop()
	for i := range paced {
		<-next.C
		wg.Go(func() {
			message := id
			if id != "" {
				message = fmt.Sprint(id, round, ".", i)
			}
			began := time.Now()
			if _, err := call(fmt.Sprint("user-", i%conversations), message, "hello"); err != nil {
				b.Error(err)
			}
			took[i] = time.Since(began)
		})
	}
	wg.Wait()
	slices.Sort(took)
	return run{float64(took[paced/2].Microseconds()), (spent() - before) / paced / 1000}
}
