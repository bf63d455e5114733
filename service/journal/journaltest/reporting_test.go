package journaltest_test

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/journaltest"
	"github.com/manyvox/manyvox/service/journal/memory"
)

// errBroken is the error of a reporting journal that is broken.
var errBroken = errors.New("the disk is full")

// reporting reports the writes of a journal in memory, as a store that several processes
// share reports its transactions.
type reporting struct {
	journal.Journal
	// report is called with each write, by the method's name.
	report func(method string, err error)
	// committed is journal.Env's.
	committed func(error)
	broken    atomic.Bool
	// replays says that Replay is called, which may have several transactions.
	replays atomic.Bool
}

// newReporting opens a journal that reports as it should.
func newReporting(t testing.TB, env journal.Env) *reporting {
	t.Helper()
	committed := env.Committed
	r := &reporting{committed: committed, report: func(_ string, err error) { committed(err) }}
	env.Committed = func(err error) {
		if r.replays.Load() && err == nil {
			r.report("Replay", nil)
		}
	}
	j, err := memory.Type().New().Open(t.Context(), env)
	if err != nil {
		t.Fatal(err)
	}
	r.Journal = j
	return r
}

// breakReporting is its journaltest.Break.
func breakReporting(t testing.TB, j journal.Journal) (restore func()) {
	t.Helper()
	r, ok := j.(*reporting)
	if !ok {
		t.Fatalf("%T can't be broken", j)
	}
	r.broken.Store(true)
	return func() { r.broken.Store(false) }
}

// write does and reports what a method does. The errors of a journal in memory are its
// callers', so they are not reported.
func (r *reporting) write(method string, do func() error) error {
	if r.broken.Load() {
		r.report(method, errBroken)
		return errBroken
	}
	err := do()
	if err == nil {
		r.report(method, nil)
	}
	return err
}

func (r *reporting) Enqueue(ctx context.Context, es ...journal.Entry) (fresh []bool, err error) {
	err = r.write("Enqueue", func() error { fresh, err = r.Journal.Enqueue(ctx, es...); return err })
	return fresh, err
}

func (r *reporting) Refuse(ctx context.Context, limit int, es ...journal.Entry) (kept int, err error) {
	err = r.write("Refuse", func() error { kept, err = r.Journal.Refuse(ctx, limit, es...); return err })
	return kept, err
}

func (r *reporting) Next(ctx context.Context) (turn journal.Turn, err error) {
	err = r.write("Next", func() error { turn, err = r.Journal.Next(ctx); return err })
	return turn, err
}

func (r *reporting) Settle(ctx context.Context, c journal.Claim, s journal.Step) error {
	return r.write("Settle", func() error { return r.Journal.Settle(ctx, c, s) })
}

func (r *reporting) Acquire(ctx context.Context, c channels.Conversation, most int) (lock journal.Lock, err error) {
	err = r.write("Acquire", func() error { lock, err = r.Journal.Acquire(ctx, c, most); return err })
	return lock, err
}

func (r *reporting) Begin(ctx context.Context, l journal.Lock, e journal.Entry, digest []byte) (asked journal.Asked, known *journal.Known, err error) {
	err = r.write("Begin", func() error { asked, known, err = r.Journal.Begin(ctx, l, e, digest); return err })
	return asked, known, err
}

func (r *reporting) SettleAsk(ctx context.Context, a journal.Asked, s journal.Step) error {
	return r.write("SettleAsk", func() error { return r.Journal.SettleAsk(ctx, a, s) })
}

func (r *reporting) NextPart(ctx context.Context) (delivery journal.Delivery, err error) {
	err = r.write("NextPart", func() error { delivery, err = r.Journal.NextPart(ctx); return err })
	return delivery, err
}

func (r *reporting) SettlePart(ctx context.Context, c journal.Claim, o journal.PartOutcome) error {
	return r.write("SettlePart", func() error { return r.Journal.SettlePart(ctx, c, o) })
}

func (r *reporting) KeepLive(ctx context.Context, c journal.Claim, p journal.LiveProgress) error {
	return r.write("KeepLive", func() error { return r.Journal.KeepLive(ctx, c, p) })
}

func (r *reporting) Wake(ctx context.Context, c channels.Conversation) error {
	return r.write("Wake", func() error { return r.Journal.Wake(ctx, c) })
}

func (r *reporting) Gone(ctx context.Context, c channels.Conversation) error {
	return r.write("Gone", func() error { return r.Journal.Gone(ctx, c) })
}

func (r *reporting) Push(ctx context.Context, p journal.Push) (known *journal.Known, err error) {
	err = r.write("Push", func() error { known, err = r.Journal.Push(ctx, p); return err })
	return known, err
}

func (r *reporting) Replay(ctx context.Context, ids ...int64) (n int, err error) {
	if r.broken.Load() {
		return 0, r.write("Replay", nil)
	}
	r.replays.Store(true)
	defer r.replays.Store(false)
	return r.Journal.Replay(ctx, ids...)
}

func (r *reporting) Drop(ctx context.Context, ids ...int64) (n int, err error) {
	err = r.write("Drop", func() error { n, err = r.Journal.Drop(ctx, ids...); return err })
	return n, err
}

func (r *reporting) AppendEvents(ctx context.Context, es ...channels.Event) error {
	return r.write("AppendEvents", func() error { return r.Journal.AppendEvents(ctx, es...) })
}

func (r *reporting) Forget(ctx context.Context, c channels.Conversation) (n int, err error) {
	err = r.write("Forget", func() error { n, err = r.Journal.Forget(ctx, c); return err })
	return n, err
}

func (r *reporting) PauseConversation(ctx context.Context, p journal.Paused) (fresh bool, err error) {
	err = r.write("PauseConversation", func() error { fresh, err = r.Journal.PauseConversation(ctx, p); return err })
	return fresh, err
}

func (r *reporting) ResumeConversation(ctx context.Context, c channels.Conversation) (was bool, err error) {
	err = r.write("ResumeConversation", func() error { was, err = r.Journal.ResumeConversation(ctx, c); return err })
	return was, err
}

func (r *reporting) Unite(ctx context.Context, channel string, ids []string) (sender string, err error) {
	err = r.write("Unite", func() error { sender, err = r.Journal.Unite(ctx, channel, ids); return err })
	return sender, err
}

func (r *reporting) Lease(ctx context.Context, name string) (leased context.Context, release func(), err error) {
	err = r.write("Lease", func() error { leased, release, err = r.Journal.Lease(ctx, name); return err })
	return leased, release, err
}

func (r *reporting) Setting(ctx context.Context, key, proposed string) (value string, err error) {
	err = r.write("Setting", func() error { value, err = r.Journal.Setting(ctx, key, proposed); return err })
	return value, err
}

func (r *reporting) PutMedium(ctx context.Context, m journal.Medium, life time.Duration) error {
	return r.write("PutMedium", func() error { return r.Journal.PutMedium(ctx, m, life) })
}

func (r *reporting) HoldMedia(ctx context.Context, k journal.Key, life time.Duration, refs ...string) (missing string, err error) {
	err = r.write("HoldMedia", func() error { missing, err = r.Journal.HoldMedia(ctx, k, life, refs...); return err })
	return missing, err
}

func (r *reporting) DropMedia(ctx context.Context, k journal.Key, refs ...string) error {
	return r.write("DropMedia", func() error { return r.Journal.DropMedia(ctx, k, refs...) })
}

func (r *reporting) Sweep(ctx context.Context, limit int) (n int, err error) {
	err = r.write("Sweep", func() error { n, err = r.Journal.Sweep(ctx, limit); return err })
	return n, err
}

// A journal that reports as it should passes.
func TestReporting(t *testing.T) {
	t.Parallel()
	open := func(t testing.TB, env journal.Env) journal.Journal { return newReporting(t, env) }
	journaltest.Run(t, open, journaltest.Options{
		Shared: true, Break: breakReporting, Load: journaltest.Size{Conversations: 100},
	})
}

// The suite knows of every method of a Journal whether it has to report something, so that
// no new method is forgotten.
func TestEveryMethodReportsOrReads(t *testing.T) {
	t.Parallel()
	// These neither write nor return what is stored.
	want := []string{"Changed", "Close", "OpenInbox", "OpenOutbox"}
	want = slices.Sorted(slices.Values(slices.Concat(want, journaltest.Writes(), journaltest.Reads())))
	var got []string
	for method := range reflect.TypeFor[journal.Journal]().Methods() {
		got = append(got, method.Name)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("methods (-checked +of a Journal):\n%s", diff)
	}
}
