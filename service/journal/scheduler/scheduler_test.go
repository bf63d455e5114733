package scheduler_test

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
	"github.com/manyvox/manyvox/service/journal/scheduler"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var (
	ann = channels.Conversation{Channel: "web", Sender: "ann"}
	bob = channels.Conversation{Channel: "web", Sender: "bob"}
)

// row returns a row whose value is its number.
func row(c channels.Conversation, number int64) scheduler.Row[int64] {
	return scheduler.Row[int64]{Conversation: c, Number: number, Position: number, Value: number}
}

// next starts a call of Next and returns when the call waits or has returned.
func next(ctx context.Context, s *scheduler.Scheduler[int64]) <-chan scheduler.Claimed[int64] {
	got := make(chan scheduler.Claimed[int64], 1)
	go func() {
		defer close(got)
		if h, err := s.Next(ctx); err == nil {
			got <- h
		}
	}()
	synctest.Wait()
	return got
}

func expect(t *testing.T, got <-chan scheduler.Claimed[int64], want int64) journal.Claim {
	t.Helper()
	synctest.Wait()
	select {
	case h := <-got:
		if h.Value != want || h.Row != want {
			t.Fatalf("Next returns %+v, want row %d", h, want)
		}
		return h.Claim
	default:
		t.Fatalf("Next waits, want row %d", want)
		return journal.Claim{}
	}
}

func waits(t *testing.T, got <-chan scheduler.Claimed[int64]) {
	t.Helper()
	synctest.Wait()
	select {
	case h := <-got:
		t.Fatalf("Next returns %+v, want it to wait", h)
	default:
	}
}

// A queue that is empty is deleted, with all that belongs to it.
func TestEmptyQueuesAreDeleted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := scheduler.New[int64](0)
		defer s.Close()
		for i := range int64(300) {
			c := channels.Conversation{Channel: "web", Sender: strconv.FormatInt(i, 10)}
			s.Add(row(c, 2*i+1))
			s.Withdraw(s.Stage(c))
			s.Replay(row(c, 2*i))
			claim := expect(t, next(t.Context(), s), 2*i)
			s.Retry(claim, time.Now().Add(time.Minute))
			time.Sleep(time.Minute)
			s.Done(expect(t, next(t.Context(), s), 2*i))
			s.Done(expect(t, next(t.Context(), s), 2*i+1))
			lock, err := s.Acquire(t.Context(), c, 0)
			if err != nil {
				t.Fatal(err)
			}
			lock.Release()
			lock.Release()
		}
		ctx, cancel := context.WithCancel(t.Context())
		got := next(ctx, s)
		cancel()
		<-got
		if retained := s.Retained(); retained != 0 {
			t.Errorf("the scheduler keeps %d things", retained)
		}
	})
}

func TestNextAfterClose(t *testing.T) {
	t.Parallel()
	s := scheduler.New[int64](0)
	s.Add(row(ann, 1))
	s.Close()
	s.Close()
	if _, err := s.Next(t.Context()); !errors.Is(err, journal.ErrClosed) {
		t.Errorf("error %v, want ErrClosed", err)
	}
}

// Stored counts what waits or is claimed, by channel.
func TestStored(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := scheduler.New[int64](0)
		defer s.Close()
		stored := func(web, phone int) {
			t.Helper()
			want := map[string]int{}
			if web > 0 {
				want["web"] = web
			}
			if phone > 0 {
				want["phone"] = phone
			}
			if diff := cmp.Diff(want, s.Stored()); diff != "" || s.Len() != web+phone {
				t.Fatalf("%d stored (-want +got):\n%s", s.Len(), diff)
			}
		}
		stored(0, 0)
		s.Open(scheduler.Unlimited("web"))
		s.Add(row(ann, 1))
		s.Add(row(channels.Conversation{Channel: "phone", Sender: "ann"}, 2))
		e := s.Stage(ann)
		stored(1, 1)
		s.Confirm(e, row(ann, 3))
		stored(2, 1)
		s.Withdraw(s.Stage(ann))
		stored(2, 1)
		claim := expect(t, next(t.Context(), s), 1)
		stored(2, 1)
		s.Retry(claim, time.Now())
		stored(2, 1)
		s.Done(expect(t, next(t.Context(), s), 1))
		stored(1, 1)
		s.Done(claim)
		stored(1, 1)
		s.Replay(row(ann, 4))
		stored(2, 1)
		s.Stored()["web"] = 9
		s.Drop(ann)
		stored(0, 1)
	})
}
