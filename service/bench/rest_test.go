package bench_test

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"sync"
	"testing"
	"time"
)

const (
	connections = 32
	senders     = 1024 // conversations, each of one connection
	said        = "Where is my order 4711?"
	// written is how long a server may take to write what it writes behind the answers.
	written = 500 * time.Millisecond
)

// BenchmarkRest compares the REST channel with the default journal to the same with the
// journal in memory. Both run as `manyvox run` does, on the same core.
func BenchmarkRest(b *testing.B) {
	for name, streamed := range map[string]bool{"collected": false, "streamed": true} {
		b.Run(name, func(b *testing.B) {
			pin(b)
			journal, memory := withJournal(b), inMemory(b)
			for b.Loop() {
				takeTurns(b, streamed, journal, memory)
				b.ReportMetric(journal.best.cpu, "cpu-µs/req")
				b.ReportMetric(memory.best.cpu, "memory-µs/req")
				b.ReportMetric(journal.best.cpu/memory.best.cpu, "ratio")
			}
			b.ReportMetric(0, "ns/op")
		})
	}
}

// rival is a server that is measured in turns with others.
type rival struct {
	name   string
	server server
	calls  int // in a run
	best   *load
}

// load is a run's processor time for a call in microseconds, calls a second, and the
// times of the calls in order.
type load struct {
	cpu, rate float64
	took      []time.Duration
}

func withJournal(b *testing.B) *rival {
	b.Helper()
	return &rival{name: "Manyvox", server: startProgram(b, "program"), calls: requests}
}

func inMemory(b *testing.B) *rival {
	b.Helper()
	return &rival{name: "Manyvox, `store: memory`", server: startProgram(b, "memory-program"), calls: requests}
}

func startProgram(b *testing.B, kind string) server {
	b.Helper()
	return startProcess(b, onServerCore(os.Args[0], "-test.run=^$"), serverEnv+"="+kind)
}

// takeTurns measures each in each round. The run that took the least processor time is
// its best.
func takeTurns(b *testing.B, streamed bool, rivals ...*rival) {
	b.Helper()
	for _, r := range rivals {
		r.best = nil
		r.measure(b, streamed, r.calls/10) // warm
	}
	for range rounds {
		for _, r := range rivals {
			if l := r.measure(b, streamed, r.calls); r.best == nil || l.cpu < r.best.cpu {
				r.best = l
			}
		}
	}
}

// measure makes the calls over all connections, each with conversations of its own.
func (r *rival) measure(b *testing.B, streamed bool, calls int) *load {
	b.Helper()
	operator := dial(b, r.server)
	defer operator.conn.Close()
	spent := func() float64 {
		return cpu(b, func(text string) (string, error) { return operator.say(streamed, text) })
	}
	var all sync.WaitGroup
	took := make([]time.Duration, calls)
	before, began := spent(), time.Now()
	for i := range connections {
		c := dial(b, r.server)
		share := took[i*calls/connections : (i+1)*calls/connections]
		all.Go(func() {
			if err := c.repeat(streamed, i, share); err != nil {
				b.Errorf("%s: %v", r.name, err)
			}
		})
	}
	all.Wait()
	lasted := time.Since(began)
	time.Sleep(written)
	slices.Sort(took)
	return &load{(spent() - before) / float64(calls) / 1000, float64(calls) / lasted.Seconds(), took}
}

// repeat makes one call after another, as many as took has room for, in the conversations
// of the number-th connection, and closes the connection.
func (c *connection) repeat(streamed bool, number int, took []time.Duration) error {
	defer c.conn.Close()
	var own [senders / connections][]byte
	for i := range own {
		own[i] = message(streamed, fmt.Sprint("user-", number*len(own)+i), said)
	}
	for i := range took {
		began := time.Now()
		answer, err := c.call(own[i%len(own)])
		if err != nil {
			return err
		}
		if !bytes.Contains(answer, []byte(said)) {
			return fmt.Errorf("answer %q", answer)
		}
		took[i] = time.Since(began)
	}
	return nil
}
