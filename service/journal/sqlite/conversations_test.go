package sqlite_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/sqlite"
)

// populated is a store that holds many conversations.
type populated struct {
	*sqlite.Store
	size int
	last atomic.Int64
}

// newPopulated returns a store of so many conversations, each with a message, a reply and
// an address, all of the last 20 days.
func newPopulated(b *testing.B, size int) *populated {
	b.Helper()
	dir := b.TempDir()
	began := time.Now()
	fill(b, dir, size)
	took, before := time.Since(began).Round(time.Millisecond), heap()
	c := &populated{Store: open(b, dir), size: size}
	b.Logf("%d conversations, %d MB, made in %v; open they take %d KB of heap",
		size, fileSize(b, dir)>>20, took, (heap()-before)>>10)
	return c
}

// fill makes the rows by SQL, since a million turns would take too long.
func fill(b *testing.B, dir string, size int) {
	b.Helper()
	s := open(b, dir)
	defer s.Close()
	now := time.Now().UnixMicro()
	insert := fmt.Sprintf(`WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < %d)
		INSERT INTO %%s SELECT 'web', 'sender' || (i * 7919 %%%% %d), %%s FROM n`, size-1, size)
	seen := fmt.Sprintf(`%d - (%d - i) * 1728000000000 / %d`, now, size, size)
	for _, statement := range []string{
		"PRAGMA synchronous = OFF", "PRAGMA cache_size = -1000000", "BEGIN",
		fmt.Sprintf(insert, "event (channel, sender, kind, message_id, time, body)",
			fmt.Sprintf("'message', 'm' || i, %s, '%s'", seen, body(b, journal.MessageEvent(message())))),
		fmt.Sprintf(insert, "event (channel, sender, kind, message_id, time, body)",
			fmt.Sprintf("'reply', 'm' || i, %s, '%s'", seen, body(b, reply("sender1", "m1")))),
		fmt.Sprintf(insert, "conversation (channel, sender, address, seen)", fmt.Sprintf("'C12345678', %s", seen)),
		"COMMIT",
	} {
		if err := s.Exec(b.Context(), statement); err != nil {
			b.Fatal(err)
		}
	}
}

func message() *channels.Message {
	e := entry(1)
	e.Message.Text, e.Message.Address = strings.Repeat("x", 200), "C12345678"
	return &e.Message
}

func reply(sender, id string) channels.Event {
	return channels.Event{
		Kind: channels.EventReply, Channel: "web", Sender: sender, MessageID: id, Time: time.Now(),
		Replies: []channels.Reply{{RecipientID: sender, Text: strings.Repeat("y", 200)}},
	}
}

// body is the stored form of an event, as SQL text.
func body(b *testing.B, e channels.Event) []byte {
	b.Helper()
	text, err := journal.EncodeEvent(&e)
	if err != nil {
		b.Fatal(err)
	}
	return bytes.ReplaceAll(text, []byte("'"), []byte("''"))
}

func fileSize(b *testing.B, dir string) int64 {
	b.Helper()
	info, err := os.Stat(dir + "/journal.db")
	if err != nil {
		b.Fatal(err)
	}
	return info.Size()
}

func (c *populated) sender() string { return fmt.Sprint("sender", rand.IntN(c.size)) }

// turn stores a message of some conversation and answers the one that is next.
func (c *populated) turn(ctx context.Context) error {
	m := *message()
	m.Sender, m.ID = c.sender(), fmt.Sprint("n", c.last.Add(1))
	if _, err := c.Enqueue(ctx, journal.Entry{Message: m, Window: time.Hour}); err != nil {
		return err
	}
	turn, err := c.Next(ctx)
	if err != nil {
		return err
	}
	return c.Settle(ctx, turn.Claim, journal.Step{
		Shown: true, End: ended(journal.OutcomeDone),
		Events: []channels.Event{reply(turn.Message.Sender, turn.Message.ID)},
	})
}

func (c *populated) read(ctx context.Context) error {
	es, err := c.History(ctx, channels.Conversation{Channel: "web", Sender: c.sender()}, 50)
	if err == nil && len(es) < 2 {
		err = fmt.Errorf("a history of %d events", len(es))
	}
	return err
}

// measure runs n calls, atOnce of them at a time, and returns how long one took.
func measure(b *testing.B, n, atOnce int, call func(context.Context) error) time.Duration {
	b.Helper()
	var left atomic.Int64
	left.Store(int64(n))
	began := time.Now()
	var running sync.WaitGroup
	for range atOnce {
		running.Go(func() {
			for left.Add(-1) >= 0 {
				if err := call(b.Context()); err != nil {
					b.Error(err)
				}
			}
		})
	}
	running.Wait()
	return time.Since(began) / time.Duration(n)
}

// BenchmarkCrowd compares histories and turns of a thousand conversations with those of
// a million. A history is of two events before the turns add more.
func BenchmarkCrowd(b *testing.B) {
	small := newPopulated(b, 1_000)
	defer small.Close()
	large := newPopulated(b, 1_000_000)
	defer large.Close()
	for _, c := range []struct {
		name      string
		n, atOnce int
		call      func(*populated, context.Context) error
	}{
		{"history", 20_000, callers, (*populated).read},
		{"history alone", 5_000, 1, (*populated).read},
		{"turn", 20_000, callers, (*populated).turn},
		{"turn alone", 1_000, 1, (*populated).turn},
	} {
		b.Run(c.name, func(b *testing.B) {
			var took [2]time.Duration
			for b.Loop() {
				for i, of := range []*populated{small, large} {
					took[i] += measure(b, c.n, c.atOnce, func(ctx context.Context) error { return c.call(of, ctx) })
				}
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(float64(took[0].Nanoseconds())/1e3/float64(b.N), "small-µs")
			b.ReportMetric(float64(took[1].Nanoseconds())/1e3/float64(b.N), "large-µs")
			b.ReportMetric(float64(took[1])/float64(took[0]), "ratio")
			b.ReportMetric(float64(heap())/1e6, "heap-MB")
		})
	}
}

// heap is how much the process holds on its heap.
func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
