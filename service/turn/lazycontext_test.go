package turn

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// TestLazyContext compares a turn's context with the one of package context that it
// stands for, asked at once and asked only after each event.
func TestLazyContext(t *testing.T) {
	t.Parallel()
	reason := errors.New("the reason")
	for _, c := range []struct {
		name  string
		event func(cancelCaller context.CancelCauseFunc, end func())
	}{
		{"nothing yet", func(context.CancelCauseFunc, func()) {}},
		{"the deadline", func(context.CancelCauseFunc, func()) { time.Sleep(time.Minute) }},
		{"the caller goes", func(cancel context.CancelCauseFunc, _ func()) { cancel(reason) }},
		{"the end of the turn", func(_ context.CancelCauseFunc, end func()) { end() }},
		{"the end, then the deadline", func(_ context.CancelCauseFunc, end func()) { end(); time.Sleep(time.Minute) }},
		{"the caller goes, then the end", func(cancel context.CancelCauseFunc, end func()) { cancel(reason); end() }},
	} {
		for _, early := range []bool{true, false} {
			t.Run(c.name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					caller, cancel := context.WithCancelCause(t.Context())
					defer cancel(nil)
					deadline := time.Now().Add(time.Minute)
					ours := newLazyContext(caller, deadline)
					defer ours.end()
					theirs, end := context.WithDeadline(caller, deadline)
					defer end()
					if early {
						ours.Done()
					}
					c.event(cancel, func() { ours.end(); end() })
					synctest.Wait()
					if got, want := ours.Err(), theirs.Err(); !errors.Is(got, want) {
						t.Errorf("Err is %v, want %v", got, want)
					}
					if got, want := ended(ours), ended(theirs); got != want {
						t.Errorf("Done is closed: %v, want %v", got, want)
					}
					if got, want := context.Cause(ours), context.Cause(theirs); !errors.Is(got, want) {
						t.Errorf("the cause is %v, want %v", got, want)
					}
				})
			})
		}
	}
}

func ended(ctx context.Context) bool {
	select {
	case <-ctx.Done():
		return true
	default:
		return false
	}
}

// TestLazyContextChild derives a context as agents do.
func TestLazyContextChild(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		type key struct{}
		caller := context.WithValue(t.Context(), key{}, "value")
		ours := newLazyContext(caller, time.Now().Add(time.Minute))
		child, cancel := context.WithTimeout(ours, time.Hour)
		defer cancel()
		if d, _ := child.Deadline(); time.Until(d) != time.Minute || child.Value(key{}) != "value" {
			t.Errorf("deadline in %v, value %v", time.Until(d), child.Value(key{}))
		}
		ours.end()
		if !errors.Is(child.Err(), context.Canceled) {
			t.Errorf("after the end: %v", child.Err())
		}
	})
	soon := time.Now().Add(time.Second)
	caller, cancel := context.WithDeadline(t.Context(), soon)
	defer cancel()
	if d, ok := newLazyContext(caller, soon.Add(time.Hour)).Deadline(); !ok || !d.Equal(soon) {
		t.Errorf("the caller's deadline comes first, not %v", d)
	}
}
