package instance_test

import (
	"errors"
	"testing"

	"github.com/manyvox/manyvox/service/instance"
)

func TestInFlightLimit(t *testing.T) {
	t.Parallel()
	f := instance.NewInFlight(2)
	for i, want := range []error{nil, nil, instance.ErrTooManyAsks, instance.ErrTooManyAsks} {
		if err := f.Enter(); !errors.Is(err, want) {
			t.Errorf("caller %d: %v, want %v", i+1, err, want)
		}
	}
	if f.Count() != 2 || f.Limit() != 2 {
		t.Errorf("%d in flight of %d", f.Count(), f.Limit())
	}
	f.Leave()
	if err := f.Enter(); err != nil {
		t.Errorf("after one has left: %v", err)
	}
}

func TestInFlightDrain(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		inFlight int
	}{{"nobody is in flight", 0}, {"two are in flight", 2}} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := instance.NewInFlight(10)
			for range c.inFlight {
				if err := f.Enter(); err != nil {
					t.Fatal(err)
				}
			}
			if f.IsDraining() || isClosed(f.Draining()) || isClosed(f.Idle()) {
				t.Error("it is draining, or idle, before Drain")
			}
			f.Drain()
			f.Drain()
			if !f.IsDraining() || !isClosed(f.Draining()) {
				t.Error("it is not draining after Drain")
			}
			for left := c.inFlight; left > 0; left-- {
				if isClosed(f.Idle()) {
					t.Errorf("it is idle with %d in flight", left)
				}
				f.Leave()
			}
			if !isClosed(f.Idle()) {
				t.Error("it is not idle with nobody in flight")
			}
		})
	}
}

// It is idle only while it drains.
func TestInFlightIdle(t *testing.T) {
	t.Parallel()
	f := instance.NewInFlight(1)
	if err := f.Enter(); err != nil {
		t.Fatal(err)
	}
	f.Leave()
	if isClosed(f.Idle()) {
		t.Error("it is idle without Drain")
	}
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}
