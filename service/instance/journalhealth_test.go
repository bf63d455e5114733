package instance_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/manyvox/manyvox/service/instance"
)

func TestJournalHealth(t *testing.T) {
	t.Parallel()
	full := errors.New("disk full")
	type step struct {
		after    time.Duration
		commits  []error
		writable bool
		errors   int64
	}
	for _, c := range []struct {
		name  string
		steps []step
	}{
		{"no commit yet", []step{{0, nil, true, 0}}},
		{"commits that succeed", []step{{0, []error{nil, nil}, true, 0}}},
		{"one that fails, until 10 s are over", []step{
			{0, []error{nil, full}, false, 1}, {10 * time.Second, nil, false, 1}, {time.Nanosecond, nil, true, 1},
		}},
		{"one that succeeds again", []step{{0, []error{full, full}, false, 2}, {time.Second, []error{nil}, true, 2}}},
		{"one that fails again", []step{
			{0, []error{full}, false, 1}, {11 * time.Second, []error{full}, false, 2}, {5 * time.Second, nil, false, 2}, {6 * time.Second, nil, true, 2},
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var h instance.JournalHealth
				for i, s := range c.steps {
					time.Sleep(s.after)
					for _, err := range s.commits {
						h.Committed(err)
					}
					if h.IsWritable() != s.writable || h.Errors() != s.errors {
						t.Errorf("step %d: writable %v, %d errors; want %v, %d", i, h.IsWritable(), h.Errors(), s.writable, s.errors)
					}
				}
			})
		})
	}
}
