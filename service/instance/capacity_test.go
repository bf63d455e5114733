package instance_test

import (
	"context"
	"errors"
	"testing"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/instance"
	"github.com/manyvox/manyvox/service/journal"
)

// journalOf is the Depth of a journal.
type journalOf func(context.Context) (journal.Depth, error)

func (f journalOf) Depth(ctx context.Context) (journal.Depth, error) { return f(ctx) }

func TestCapacity(t *testing.T) {
	t.Parallel()
	const waiting, disk = "too many messages are waiting to be answered", "the journal's disk is almost full"
	for _, c := range []struct {
		name     string
		depth    journal.Depth
		err      error
		messages int
		want     string // the error; "" means that there is room
	}{
		{"an empty journal", journal.Depth{Free: 1000}, nil, 1, ""},
		{"the last place", journal.Depth{Inbox: 9, Free: 1000}, nil, 1, ""},
		{"one too many", journal.Depth{Inbox: 10, Free: 1000}, nil, 1, waiting},
		{"several, one too many", journal.Depth{Inbox: 8, Free: 1000}, nil, 3, waiting},
		{"parts and dead letters do not count", journal.Depth{Outbox: 100, DeadLetters: 100, Free: 1000}, nil, 1, ""},
		{"a disk with just enough", journal.Depth{Free: 100}, nil, 1, ""},
		{"a disk that is almost full", journal.Depth{Free: 99}, nil, 1, disk},
		{"a full disk", journal.Depth{}, nil, 1, disk},
		{"a disk of unknown size", journal.Depth{Free: -1}, nil, 1, ""},
		{"a journal that does not answer", journal.Depth{Inbox: 100}, errors.New("no"), 1, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			j := journalOf(func(context.Context) (journal.Depth, error) { return c.depth, c.err })
			err := instance.NewCapacity(j, &instance.Limits{Inbox: 10, FreeDisk: 100}).Check(t.Context(), c.messages)
			if c.want == "" {
				if err != nil {
					t.Errorf("refused: %v", err)
				}
				return
			}
			var e *channels.Error
			if !errors.As(err, &e) || e.Code != channels.CodeOverloaded || e.Message != c.want || e.RetryAfter != instance.RetryAfter {
				t.Errorf("%v, want %s", err, c.want)
			}
		})
	}
}
