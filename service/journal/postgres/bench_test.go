//go:build unix

package postgres_test

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/journaltest"
	"github.com/manyvox/manyvox/service/journal/postgres"
)

// posters is how many goroutines store messages at once.
const posters = 64

// benchStore returns an empty store with the defaults.
func benchStore(b *testing.B) *postgres.Store {
	b.Helper()
	server := shared.get(b)
	s, err := postgres.Open(b.Context(), server.URL(server.Database(b)), postgres.Options{Retention: -1})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { s.Close() })
	return s
}

// benchEntry is a message of 512 bytes in one of a thousand conversations.
func benchEntry(n int64) journal.Entry {
	return journal.Entry{
		Message: channels.Message{
			Channel: "web", Sender: fmt.Sprint("sender", n%1000), ID: strconv.FormatInt(n, 10),
			Text: strings.Repeat("x", 512), InputChannel: "web", Received: time.Now(),
		},
		Window: 48 * time.Hour,
	}
}

// BenchmarkEnqueue measures durable messages.
func BenchmarkEnqueue(b *testing.B) {
	j := benchStore(b)
	measure(b, func(n int64) error {
		_, err := j.Enqueue(context.Background(), benchEntry(n))
		return err
	})
}

func measure(b *testing.B, enqueue func(n int64) error) {
	b.Helper()
	var last atomic.Int64
	var mu sync.Mutex
	var took []time.Duration
	b.SetParallelism(posters / 2) // times GOMAXPROCS
	b.ResetTimer()
	b.RunParallel(func(p *testing.PB) {
		var own []time.Duration
		for p.Next() {
			began := time.Now()
			if err := enqueue(last.Add(1)); err != nil {
				b.Error(err)
			}
			own = append(own, time.Since(began))
		}
		mu.Lock()
		defer mu.Unlock()
		took = append(took, own...)
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "messages/s")
	percentiles(b, took)
}

func percentiles(b *testing.B, took []time.Duration) {
	b.Helper()
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-µs")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
}

// BenchmarkNext measures from the call of Enqueue on an idle conversation to the
// return of Next.
func BenchmarkNext(b *testing.B) {
	j := benchStore(b)
	var took []time.Duration
	for n := int64(0); b.Loop(); n++ {
		began := time.Now()
		got := make(chan journal.Turn)
		go func() {
			turn, err := j.Next(b.Context())
			if err != nil {
				b.Error(err)
			}
			took = append(took, time.Since(began))
			got <- turn
		}()
		if _, err := j.Enqueue(b.Context(), benchEntry(n)); err != nil {
			b.Fatal(err)
		}
		if err := j.Settle(b.Context(), (<-got).Claim, journal.Step{End: done()}); err != nil {
			b.Fatal(err)
		}
	}
	percentiles(b, took)
}

// BenchmarkJoin measures a lock of an idle conversation, acquired and released.
func BenchmarkJoin(b *testing.B) {
	j := benchStore(b)
	var took []time.Duration
	for n := int64(0); b.Loop(); n++ {
		began := time.Now()
		lock, err := j.Acquire(b.Context(), channels.Conversation{Channel: "web", Sender: fmt.Sprint(n)}, 0)
		if err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(began))
		lock.Release()
	}
	percentiles(b, took)
}

// BenchmarkTurn measures whole turns on many conversations: stored, claimed, answered
// with one part, sent.
func BenchmarkTurn(b *testing.B) {
	j := benchStore(b)
	j.OpenOutbox(journaltest.Slots("web"))
	sent := make(chan struct{}, posters)
	for range posters {
		go answerTurns(b.Context(), j)
		go sendParts(b.Context(), j, sent)
	}
	measure(b, func(n int64) error {
		_, err := j.Enqueue(b.Context(), benchEntry(n))
		<-sent
		return err
	})
}

func answerTurns(ctx context.Context, j journal.Journal) {
	for {
		turn, err := j.Next(ctx)
		if err != nil {
			return
		}
		step := journal.Step{End: done(), Parts: []channels.Part{{
			ID: turn.Message.ID, Channel: "web", Sender: turn.Message.Sender, Reply: channels.Reply{Text: turn.Message.Text},
		}}}
		if j.Settle(ctx, turn.Claim, step) != nil {
			return
		}
	}
}

func sendParts(ctx context.Context, j journal.Journal, sent chan<- struct{}) {
	for {
		d, err := j.NextPart(ctx)
		if err != nil || j.SettlePart(ctx, d.Claim, journal.PartOutcome{Sent: true}) != nil {
			return
		}
		sent <- struct{}{}
	}
}

// done ends a turn.
func done() *journal.End { return &journal.End{Outcome: journal.OutcomeDone} }
