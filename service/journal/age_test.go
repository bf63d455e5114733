package journal_test

import (
	"testing"
	"time"

	"github.com/manyvox/manyvox/service/journal"
)

func TestAge(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for name, c := range map[string]struct{ stored, want time.Duration }{
		"stored earlier":             {-time.Minute, time.Minute},
		"stored now":                 {0, 0},
		"stored later, by the clock": {time.Hour, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := journal.Age(now, now.Add(c.stored)); got != c.want {
				t.Errorf("age %v, want %v", got, c.want)
			}
		})
	}
}

func TestPause(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for name, c := range map[string]struct {
		due, postponed time.Time
		want           time.Duration
	}{
		"in a minute, as it was put off for two":       {now.Add(time.Minute), now.Add(-time.Minute), time.Minute},
		"due":                                          {now.Add(-time.Minute), now.Add(-time.Hour), -time.Minute},
		"the clock was set back an hour":               {now.Add(61 * time.Minute), now.Add(time.Hour), time.Minute},
		"not known when, and the clock was set back":   {now.Add(9 * time.Hour), time.Time{}, time.Hour},
		"put off for longer than the longest pause is": {now.Add(9 * time.Hour), now, time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := journal.Pause(now, c.due, c.postponed); got != c.want {
				t.Errorf("pause %v, want %v", got, c.want)
			}
		})
	}
	if due := journal.Pause(now, time.Unix(0, 0), time.Time{}); due > 0 {
		t.Errorf("a row that was never tried waits %v", due)
	}
}
