package sqlite_test

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"modernc.org/sqlite"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/journaltest"
)

// callers is how many callers store messages at once.
const callers = 64

// entry is a message of 512 bytes in one of a thousand conversations.
func entry(n int64) journal.Entry {
	return journal.Entry{
		Message: channels.Message{
			Channel: "web", Sender: fmt.Sprint("sender", n%1000), ID: strconv.FormatInt(n, 10),
			Text: strings.Repeat("x", 512), InputChannel: "web", Received: time.Now(),
		},
		Window: 48 * time.Hour,
	}
}

// BenchmarkEnqueue compares the store with a baseline that commits in groups and writes the same
// rows; each operation is one durable message.
func BenchmarkEnqueue(b *testing.B) {
	b.Run("journal", func(b *testing.B) {
		j := open(b, b.TempDir())
		defer j.Close()
		store(b, func(n int64) error {
			_, err := j.Enqueue(context.Background(), entry(n))
			return err
		})
	})
	b.Run("bare", func(b *testing.B) {
		g := newBaseline(b)
		defer g.close()
		store(b, g.enqueue)
	})
}

// store calls enqueue for each operation, by as many goroutines as there are callers.
func store(b *testing.B, enqueue func(n int64) error) {
	b.Helper()
	var last atomic.Int64
	b.SetParallelism(callers / 2) // times GOMAXPROCS
	b.ResetTimer()
	b.RunParallel(func(p *testing.PB) {
		for p.Next() {
			if err := enqueue(last.Add(1)); err != nil {
				b.Error(err)
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "messages/s")
}

// BenchmarkNext measures from the call of Enqueue on an idle conversation to the
// return of Next.
func BenchmarkNext(b *testing.B) {
	j := open(b, b.TempDir())
	defer j.Close()
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
		if _, err := j.Enqueue(b.Context(), entry(n)); err != nil {
			b.Fatal(err)
		}
		done := journal.Step{End: &journal.End{Outcome: journal.OutcomeDone}}
		if err := j.Settle(b.Context(), (<-got).Claim, done); err != nil {
			b.Fatal(err)
		}
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-µs")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
}

// BenchmarkPace measures Enqueue at 500 messages a second, which leaves it idle most of
// the time. It keeps the pace however slow a call is.
func BenchmarkPace(b *testing.B) {
	j := open(b, b.TempDir())
	defer j.Close()
	const pace = 2 * time.Millisecond
	var took []time.Duration
	var mu sync.Mutex
	var running sync.WaitGroup
	ticks := time.NewTicker(pace)
	defer ticks.Stop()
	for n := int64(0); b.Loop(); n++ {
		due := <-ticks.C
		running.Go(func() {
			if _, err := j.Enqueue(b.Context(), entry(n)); err != nil {
				b.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			took = append(took, time.Since(due)) // a late start counts
		})
	}
	running.Wait()
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-µs")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
}

// BenchmarkTurn measures whole turns on many conversations: stored, claimed, answered
// with one part, sent.
func BenchmarkTurn(b *testing.B) {
	j := open(b, b.TempDir())
	j.OpenOutbox(journaltest.Slots("web"))
	sent := make(chan struct{}, callers)
	var running sync.WaitGroup
	for range callers {
		running.Go(func() { answer(b.Context(), j) })
		running.Go(func() { send(b.Context(), j, sent) })
	}
	store(b, func(n int64) error {
		_, err := j.Enqueue(b.Context(), entry(n))
		<-sent
		return err
	})
	j.Close()
	running.Wait()
}

func answer(ctx context.Context, j journal.Journal) {
	for {
		turn, err := j.Next(ctx)
		if err != nil {
			return
		}
		step := journal.Step{End: &journal.End{Outcome: journal.OutcomeDone}, Parts: []channels.Part{{
			ID: turn.Message.ID, Channel: "web", Sender: turn.Message.Sender, Reply: channels.Reply{Text: turn.Message.Text},
		}}}
		if j.Settle(ctx, turn.Claim, step) != nil {
			return
		}
	}
}

func send(ctx context.Context, j journal.Journal, sent chan<- struct{}) {
	for {
		d, err := j.NextPart(ctx)
		if err != nil || j.SettlePart(ctx, d.Claim, journal.PartOutcome{Sent: true}) != nil {
			return
		}
		sent <- struct{}{}
	}
}

// baseline is a group commit and nothing else.
type baseline struct {
	db     *sql.DB
	conn   *sql.Conn
	key    *sql.Stmt
	row    *sql.Stmt
	body   []byte
	writes chan baselineWrite
	ended  chan struct{}
}

type baselineWrite struct {
	n    int64
	done chan error
}

func newBaseline(b *testing.B) *baseline {
	b.Helper()
	dir := b.TempDir()
	open(b, dir).Close() // makes the schema
	connector, err := sqlite.NewConnector("file:" + dir + "/journal.db?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)")
	if err != nil {
		b.Fatal(err)
	}
	g := &baseline{
		db: sql.OpenDB(connector), body: []byte(strings.Repeat("x", 640)),
		writes: make(chan baselineWrite), ended: make(chan struct{}),
	}
	ctx := b.Context()
	if g.conn, err = g.db.Conn(ctx); err != nil {
		b.Fatal(err)
	}
	g.key, err = g.conn.PrepareContext(ctx, `INSERT INTO delivery (channel, sender, id, expires) VALUES (?, ?, ?, ?)`)
	if err != nil {
		b.Fatal(err)
	}
	g.row, err = g.conn.PrepareContext(ctx, `INSERT INTO inbox (channel, sender, stored, body) VALUES (?, ?, ?, ?)`)
	if err != nil {
		b.Fatal(err)
	}
	go g.loop()
	return g
}

func (g *baseline) close() {
	close(g.writes)
	<-g.ended
	g.db.Close()
}

func (g *baseline) enqueue(n int64) error {
	w := baselineWrite{n, make(chan error, 1)}
	g.writes <- w
	return <-w.done
}

func (g *baseline) loop() {
	defer close(g.ended)
	for first := range g.writes {
		batch := []baselineWrite{first}
	more:
		for len(batch) < 1000 {
			select {
			case w, ok := <-g.writes:
				if !ok {
					break more
				}
				batch = append(batch, w)
			default:
				break more
			}
		}
		err := g.write(batch)
		for _, w := range batch {
			w.done <- err
		}
	}
	g.conn.Close()
}

func (g *baseline) write(batch []baselineWrite) error {
	ctx := context.Background()
	if _, err := g.conn.ExecContext(ctx, "BEGIN IMMEDIATE"); err != nil {
		return err
	}
	now := time.Now().UnixMicro()
	for _, w := range batch {
		sender := fmt.Sprint("sender", w.n%1000)
		if _, err := g.key.Exec("web", sender, strconv.FormatInt(w.n, 10), now); err != nil {
			return err
		}
		if _, err := g.row.Exec("web", sender, now, g.body); err != nil {
			return err
		}
	}
	_, err := g.conn.ExecContext(ctx, "COMMIT")
	return err
}

// BenchmarkAppendEvents measures the processor time of the events of a short turn, of
// which as many are committed at once as a busy server has after 50 ms.
func BenchmarkAppendEvents(b *testing.B) {
	j := open(b, b.TempDir())
	defer j.Close()
	const turns = 500
	next := 0
	batch := func() (es []channels.Event) {
		for range turns {
			es = append(es, shortTurn(next)...)
			next++
		}
		return es
	}
	var spent time.Duration
	for b.Loop() {
		es := batch()
		before := processorTime(b)
		if err := j.AppendEvents(b.Context(), es...); err != nil {
			b.Fatal(err)
		}
		spent += processorTime(b) - before
	}
	b.ReportMetric(float64(spent.Nanoseconds())/1000/float64(next), "cpu-µs/turn")
}

// shortTurn returns the events of a turn in one of 1,024 conversations.
func shortTurn(n int) []channels.Event {
	m := channels.Message{
		Channel: "rest", Sender: fmt.Sprint("user-", n*37%1024), ID: fmt.Sprintf("%032x", n),
		Text: "Where is my order 4711?", InputChannel: "rest", Received: time.Now(),
	}
	reply := journal.MessageEvent(&m)
	reply.Kind, reply.Message, reply.Replies = channels.EventReply, nil, []channels.Reply{{RecipientID: m.Sender, Text: m.Text}}
	return []channels.Event{journal.MessageEvent(&m), reply}
}

// processorTime returns what this process has used.
func processorTime(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
