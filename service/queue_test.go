package service

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/manyvox/manyvox/channels"
)

// line is the queue of one conversation and those who joined it, in a bubble.
type line struct {
	*queues
	c       channels.Conversation
	outcome map[string]error // of those whose waiting is over
	order   []string         // whose turn came, in order
}

func newLine(most int) *line {
	return &line{queues: newQueues(most), c: channels.Conversation{Channel: "rest", Sender: "ann"}, outcome: map[string]error{}}
}

// joins has someone join and returns when they wait or their turn has come.
func (l *line) joins(ctx context.Context, who string, patience time.Duration) {
	go func() {
		err := l.join(ctx, l.c, time.Now().Add(patience))
		l.mu.Lock()
		defer l.mu.Unlock()
		l.outcome[who] = err
		if err == nil {
			l.order = append(l.order, who)
		}
	}()
	synctest.Wait()
}

// over returns how the waiting of who ended, and whether it did.
func (l *line) over(who string) (over bool, err error) {
	synctest.Wait()
	l.mu.Lock()
	defer l.mu.Unlock()
	err, over = l.outcome[who]
	return over, err
}

func (l *line) leaves() {
	l.leave(l.c)
	synctest.Wait()
}

func TestQueueIsFirstInFirstOut(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLine(10)
		names := []string{"a", "b", "c", "d"}
		for _, who := range names {
			l.joins(t.Context(), who, time.Hour)
		}
		for i := range names {
			if want := names[:i+1]; !slices.Equal(l.order, want) {
				t.Fatalf("after %d left: the turn came to %v, want %v", i, l.order, want)
			}
			l.leaves()
		}
		if len(l.waiting) != 0 {
			t.Errorf("%d queues are left over", len(l.waiting))
		}
	})
}

func TestQueueConversationsAreIndependent(t *testing.T) {
	t.Parallel()
	q := newQueues(0)
	for _, c := range []channels.Conversation{{Channel: "rest", Sender: "ann"}, {Channel: "rest", Sender: "bob"}, {Channel: "web", Sender: "ann"}} {
		if err := q.join(t.Context(), c, time.Now().Add(time.Hour)); err != nil {
			t.Errorf("%v waits for others: %v", c, err)
		}
	}
}

func TestQueueIsFull(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLine(2)
		for _, who := range []string{"a", "b", "c", "d"} {
			l.joins(t.Context(), who, time.Hour)
		}
		_, err := l.over("d")
		e := channels.AsError(err)
		if e.Code != channels.CodeOverloaded || e.RetryAfter != retryAfter {
			t.Errorf("the fourth gets %+v, want resource_exhausted with a time to come back", e)
		}
		l.leaves()
		l.joins(t.Context(), "e", time.Hour) // the place that b left
		l.leaves()
		l.leaves()
		l.leaves()
		if want := []string{"a", "b", "c", "e"}; !slices.Equal(l.order, want) {
			t.Errorf("the turn came to %v, want %v", l.order, want)
		}
	})
}

func TestQueueGivingUp(t *testing.T) {
	t.Parallel()
	gone := errors.New("the caller hung up")
	for _, c := range []struct {
		name string
		// b, who stands between a and c for a minute at most, gives up after a while.
		after  time.Duration
		hangUp bool
		want   error
	}{
		{"the caller goes away", time.Second, true, gone},
		{"the deadline passes", time.Minute, false, channels.ErrUnavailable},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				l := newLine(2)
				ctx, hangUp := context.WithCancelCause(t.Context())
				defer hangUp(nil)
				l.joins(t.Context(), "a", time.Hour)
				l.joins(ctx, "b", time.Minute)
				l.joins(t.Context(), "c", time.Hour)
				time.Sleep(c.after - time.Nanosecond)
				if over, err := l.over("b"); over {
					t.Fatalf("b's waiting is over too soon: %v", err)
				}
				if c.hangUp {
					hangUp(gone)
				}
				time.Sleep(time.Nanosecond)
				if _, err := l.over("b"); !errors.Is(err, c.want) {
					t.Errorf("b gets %v, want %v", err, c.want)
				}
				l.joins(t.Context(), "d", time.Hour) // in the place that b gave up
				l.leaves()
				l.leaves()
				l.leaves()
				if want := []string{"a", "c", "d"}; !slices.Equal(l.order, want) {
					t.Errorf("the turn came to %v, want %v", l.order, want)
				}
			})
		})
	}
}

// A waiter may find that its turn came just when it gave up.
func TestQueueTurnComesWhileGivingUp(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		after []string
	}{
		{"passes it on", []string{"next"}},
		{"to nobody", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				l := newLine(10)
				l.joins(t.Context(), "first", time.Hour)
				late := make(chan struct{})
				l.waiting[l.c].waiters = append(l.waiting[l.c].waiters, late)
				for _, who := range c.after {
					l.joins(t.Context(), who, time.Hour)
				}
				l.leaves()
				<-late // its turn has come
				l.giveUp(l.c, late)
				synctest.Wait()
				if want := append([]string{"first"}, c.after...); !slices.Equal(l.order, want) {
					t.Errorf("the turn came to %v, want %v", l.order, want)
				}
				for range c.after {
					l.leaves()
				}
				if len(l.waiting) != 0 {
					t.Error("the conversation stays blocked")
				}
			})
		})
	}
}

// Whatever the select chooses when turn and hang-up come at once, nobody stays behind.
func TestQueueLeaveAndHangUpAtOnce(t *testing.T) {
	t.Parallel()
	for range 100 {
		synctest.Test(t, func(t *testing.T) {
			l := newLine(10)
			ctx, hangUp := context.WithCancel(t.Context())
			l.joins(t.Context(), "a", time.Hour)
			l.joins(ctx, "b", time.Hour)
			l.joins(t.Context(), "c", time.Hour)
			hangUp()
			l.leaves()
			if _, err := l.over("b"); err == nil {
				l.leaves()
			}
			l.leaves()
			if over, err := l.over("c"); err != nil || !over || len(l.waiting) != 0 {
				t.Errorf("c: %v, %v; %d queues are left over", over, err, len(l.waiting))
			}
		})
	}
}
