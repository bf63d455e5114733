package journal_test

import (
	"context"
	"errors"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var (
	ann = channels.Conversation{Channel: "web", Sender: "ann"}
	bob = channels.Conversation{Channel: "web", Sender: "bob"}
)

// row returns a row whose value is its number.
func row(c channels.Conversation, number int64) journal.Row[int64] {
	return journal.Row[int64]{Conversation: c, Number: number, Position: number, Value: number}
}

// taking calls Take and returns when it waits or has returned.
func taking(ctx context.Context, l *journal.Lines[int64]) <-chan journal.Held[int64] {
	got := make(chan journal.Held[int64], 1)
	go func() {
		defer close(got)
		if h, err := l.Take(ctx); err == nil {
			got <- h
		}
	}()
	synctest.Wait()
	return got
}

func expect(t *testing.T, got <-chan journal.Held[int64], want int64) journal.Claim {
	t.Helper()
	synctest.Wait()
	select {
	case h := <-got:
		if h.Value != want || h.Row != want {
			t.Fatalf("Take returns %+v, want row %d", h, want)
		}
		return h.Claim
	default:
		t.Fatalf("Take waits, want row %d", want)
		return journal.Claim{}
	}
}

func waits(t *testing.T, got <-chan journal.Held[int64]) {
	t.Helper()
	synctest.Wait()
	select {
	case h := <-got:
		t.Fatalf("Take returns %+v, want it to wait", h)
	default:
	}
}

// Lines keep nothing of the conversations that have nothing left.
func TestLinesForget(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := journal.NewLines[int64](0)
		defer l.Close()
		for i := range int64(300) {
			c := channels.Conversation{Channel: "web", Sender: strconv.FormatInt(i, 10)}
			l.Add(row(c, 2*i+1))
			l.Withdraw(l.Stage(c))
			l.PutBack(row(c, 2*i))
			claim := expect(t, taking(t.Context(), l), 2*i)
			l.Retry(claim, time.Now().Add(time.Minute))
			time.Sleep(time.Minute)
			l.Done(expect(t, taking(t.Context(), l), 2*i))
			l.Done(expect(t, taking(t.Context(), l), 2*i+1))
			seat, err := l.Join(t.Context(), c, 0)
			if err != nil {
				t.Fatal(err)
			}
			seat.Release()
			seat.Release()
		}
		ctx, cancel := context.WithCancel(t.Context())
		got := taking(ctx, l)
		cancel()
		<-got
		if kept := l.Kept(); kept != 0 {
			t.Errorf("the lines keep %d things", kept)
		}
	})
}

// A row that is being stored holds its place: for one who waits to take it, or for
// those behind it.
func TestStage(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]func(*testing.T, *journal.Lines[int64]){
		"a taker that waits gets it when it is stored": func(t *testing.T, l *journal.Lines[int64]) {
			got := taking(t.Context(), l)
			p := l.Stage(ann)
			if !p.Taken() || l.Stage(ann).Taken() {
				t.Error("the first place, and it alone, should be taken")
			}
			waits(t, got)
			l.Confirm(p, row(ann, 1))
			expect(t, got, 1)
		},
		"a taker waits on when it is not stored": func(t *testing.T, l *journal.Lines[int64]) {
			got := taking(t.Context(), l)
			l.Withdraw(l.Stage(ann))
			waits(t, got)
			l.Add(row(ann, 2))
			expect(t, got, 2)
		},
		"a taker whose context has ended gets what it was chosen for": func(t *testing.T, l *journal.Lines[int64]) {
			ctx, cancel := context.WithCancel(t.Context())
			got := taking(ctx, l)
			p := l.Stage(ann)
			cancel()
			waits(t, got)
			l.Confirm(p, row(ann, 1))
			expect(t, got, 1)
		},
		"a taker whose context has ended ends when it is not stored": func(t *testing.T, l *journal.Lines[int64]) {
			ctx, cancel := context.WithCancel(t.Context())
			got := taking(ctx, l)
			p := l.Stage(ann)
			cancel()
			l.Withdraw(p)
			if h, ok := <-got; ok {
				t.Errorf("Take returns %+v", h)
			}
		},
		"nobody is chosen for a closed channel": func(t *testing.T, l *journal.Lines[int64]) {
			l.Open("phone")
			got := taking(t.Context(), l)
			p := l.Stage(ann)
			if p.Taken() {
				t.Error("it is taken")
			}
			l.Confirm(p, row(ann, 1))
			waits(t, got)
			l.Open("web")
			expect(t, got, 1)
		},
		"those behind it wait until it is known": func(t *testing.T, l *journal.Lines[int64]) {
			first, second := l.Stage(ann), l.Stage(ann)
			got := taking(t.Context(), l)
			l.Confirm(second, row(ann, 2))
			waits(t, got)
			l.PutBack(row(ann, 1))
			claim := expect(t, got, 1)
			got = taking(t.Context(), l)
			l.Done(claim)
			waits(t, got)
			l.Withdraw(first)
			expect(t, got, 2)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				l := journal.NewLines[int64](0)
				defer l.Close()
				test(t, l)
			})
		})
	}
}

func TestTakeAfterClose(t *testing.T) {
	t.Parallel()
	l := journal.NewLines[int64](0)
	l.Add(row(ann, 1))
	l.Close()
	l.Close()
	if _, err := l.Take(t.Context()); !errors.Is(err, journal.ErrClosed) {
		t.Errorf("error %v, want ErrClosed", err)
	}
}

// joining calls Join and returns when it waits or has returned.
func joining(t *testing.T, l *journal.Lines[int64], c channels.Conversation) <-chan journal.Lock {
	got := make(chan journal.Lock, 1)
	go func() {
		if seat, err := l.Join(t.Context(), c, 9); err == nil {
			got <- seat
		}
	}()
	synctest.Wait()
	return got
}

// A conversation that is dropped has no rows and no claims, and its line goes on.
func TestDrop(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]func(*testing.T, *journal.Lines[int64]){
		"rows that wait": func(t *testing.T, l *journal.Lines[int64]) {
			l.Add(row(ann, 1))
			l.Add(row(ann, 2))
			drop(t, l, 2)
			got := taking(t.Context(), l)
			waits(t, got)
			l.Add(row(ann, 3))
			l.Done(expect(t, got, 3))
		},
		"no rows": func(t *testing.T, l *journal.Lines[int64]) {
			drop(t, l, 0)
			l.Add(row(bob, 1))
			drop(t, l, 0)
			l.Done(expect(t, taking(t.Context(), l), 1))
		},
		"rows of a channel that is not open": func(t *testing.T, l *journal.Lines[int64]) {
			l.Open("phone")
			l.Add(row(ann, 1))
			drop(t, l, 1)
			l.Open("web")
			got := taking(t.Context(), l)
			waits(t, got)
			l.Add(row(ann, 2))
			l.Done(expect(t, got, 2))
		},
		"a claim": func(t *testing.T, l *journal.Lines[int64]) {
			l.Add(row(ann, 1))
			l.Add(row(ann, 2))
			old := expect(t, taking(t.Context(), l), 1)
			drop(t, l, 2)
			l.Add(row(ann, 3))
			current := expect(t, taking(t.Context(), l), 3)
			l.Done(old)
			l.Retry(old, time.Now())
			if l.Holds(old) || !l.Holds(current) {
				t.Errorf("old claim held: %v, current: %v", l.Holds(old), l.Holds(current))
			}
			l.Done(current)
		},
		"a head that is due later": func(t *testing.T, l *journal.Lines[int64]) {
			l.Add(row(ann, 1))
			l.Retry(expect(t, taking(t.Context(), l), 1), time.Now().Add(time.Hour))
			l.Add(row(bob, 2))
			l.Retry(expect(t, taking(t.Context(), l), 2), time.Now().Add(2*time.Hour))
			drop(t, l, 1)
			got := taking(t.Context(), l)
			time.Sleep(time.Hour)
			waits(t, got)
			time.Sleep(time.Hour)
			l.Done(expect(t, got, 2))
		},
		"rows before callers, who stay": func(t *testing.T, l *journal.Lines[int64]) {
			l.Add(row(ann, 1))
			one := joining(t, l, ann)
			l.Add(row(ann, 2))
			two := joining(t, l, ann)
			drop(t, l, 2)
			seat := <-one
			l.Add(row(ann, 3))
			got := taking(t.Context(), l)
			synctest.Wait()
			if len(two) > 0 {
				t.Error("two callers are first")
			}
			drop(t, l, 1)
			seat.Release()
			(<-two).Release()
			waits(t, got)
			l.Add(row(ann, 4))
			l.Done(expect(t, got, 4))
		},
		"not a row that is being stored": func(t *testing.T, l *journal.Lines[int64]) {
			l.Add(row(ann, 1))
			p := l.Stage(ann)
			drop(t, l, 1)
			got := taking(t.Context(), l)
			waits(t, got)
			l.Confirm(p, row(ann, 2))
			l.Done(expect(t, got, 2))
		},
		"not a row that is being stored and taken": func(t *testing.T, l *journal.Lines[int64]) {
			got := taking(t.Context(), l)
			p := l.Stage(ann)
			drop(t, l, 0)
			l.Confirm(p, row(ann, 1))
			l.Done(expect(t, got, 1))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				l := journal.NewLines[int64](0)
				defer l.Close()
				test(t, l)
				if kept := l.Kept(); kept != 0 {
					t.Errorf("the lines keep %d things", kept)
				}
			})
		})
	}
}

// drop drops ann's rows.
func drop(t *testing.T, l *journal.Lines[int64], want int) {
	t.Helper()
	if n := l.Drop(ann); n != want {
		t.Fatalf("%d rows are dropped, want %d", n, want)
	}
}

// Stored counts what waits or is claimed, by channel.
func TestStored(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := journal.NewLines[int64](0)
		defer l.Close()
		stored := func(web, phone int) {
			t.Helper()
			want := map[string]int{}
			if web > 0 {
				want["web"] = web
			}
			if phone > 0 {
				want["phone"] = phone
			}
			if diff := cmp.Diff(want, l.Stored()); diff != "" || l.Len() != web+phone {
				t.Fatalf("%d stored (-want +got):\n%s", l.Len(), diff)
			}
		}
		stored(0, 0)
		l.Open("web")
		l.Add(row(ann, 1))
		l.Add(row(channels.Conversation{Channel: "phone", Sender: "ann"}, 2))
		p := l.Stage(ann)
		stored(1, 1)
		l.Confirm(p, row(ann, 3))
		stored(2, 1)
		l.Withdraw(l.Stage(ann))
		stored(2, 1)
		claim := expect(t, taking(t.Context(), l), 1)
		stored(2, 1)
		l.Retry(claim, time.Now())
		stored(2, 1)
		l.Done(expect(t, taking(t.Context(), l), 1))
		stored(1, 1)
		l.Done(claim)
		stored(1, 1)
		l.PutBack(row(ann, 4))
		stored(2, 1)
		l.Stored()["web"] = 9
		l.Drop(ann)
		stored(0, 1)
	})
}
