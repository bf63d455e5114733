//go:build unix

package postgres_test

import (
	"context"
	"errors"
	"strconv"
	"testing"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/journaltest"
	"github.com/manyvox/manyvox/service/journal/postgres"
)

// promptly bounds the wait for what the journal does at once: only a test that fails waits so long.
const promptly = 2 * time.Minute

var bob = channels.Conversation{Channel: "web", Sender: "bob"} //nolint:gochecknoglobals // a value

// withoutPolling are options with which nothing is found by polling in time: what happens is due
// to a notification.
func withoutPolling() postgres.Options {
	o := longLease()
	o.Poll, o.Lease = time.Hour, time.Minute
	o.Heartbeat = 100 * time.Millisecond
	return o
}

// openOutboxes opens replicas whose outboxes are open, and which know of each other.
func openOutboxes(t *testing.T, url string, n int, o postgres.Options) []*postgres.Store {
	t.Helper()
	all := newReplicaSet(t, url, n, o).all
	for _, s := range all {
		s.OpenOutbox(journaltest.Slots("web"))
		eventually(t, func() bool { return n == 1 || !s.Alone() })
	}
	return all
}

// push stores parts through a replica; their ids are their texts.
func push(t *testing.T, s *postgres.Store, c channels.Conversation, ids ...string) {
	t.Helper()
	p := journal.Push{Key: journal.Key{Channel: c.Channel, Sender: c.Sender, ID: ids[0]}, Window: time.Hour}
	for _, id := range ids {
		p.Parts = append(p.Parts, channels.Part{ID: id, Channel: c.Channel, Sender: c.Sender, Reply: channels.Reply{Text: id}})
	}
	if known, err := s.Push(t.Context(), p); err != nil || known != nil {
		t.Fatalf("Push: %+v, error %v", known, err)
	}
}

func wake(t *testing.T, s *postgres.Store, c channels.Conversation) {
	t.Helper()
	if err := s.Wake(t.Context(), c); err != nil {
		t.Fatalf("Wake: %v", err)
	}
}

func gone(t *testing.T, s *postgres.Store, c channels.Conversation) {
	t.Helper()
	if err := s.Gone(t.Context(), c); err != nil {
		t.Fatalf("Gone: %v", err)
	}
}

// nextPart returns the next part that a replica is given, which must have this id.
func nextPart(t *testing.T, s *postgres.Store, id string) journal.Delivery {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), promptly)
	defer cancel()
	d, err := s.NextPart(ctx)
	if err != nil || d.Part.ID != id {
		t.Fatalf("NextPart returns %q, error %v; want %q", d.Part.ID, err, id)
	}
	return d
}

// noPart checks that replicas are given nothing, though they scan for it.
func noPart(t *testing.T, all ...*postgres.Store) {
	t.Helper()
	for _, s := range all {
		s.Rescan()
		ctx, cancel := context.WithTimeout(t.Context(), 150*time.Millisecond)
		defer cancel()
		if d, err := s.NextPart(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("NextPart returns %q, error %v; want it to wait", d.Part.ID, err)
		}
	}
}

func settlePart(t *testing.T, s *postgres.Store, d journal.Delivery, o journal.PartOutcome) {
	t.Helper()
	if err := s.SettlePart(t.Context(), d.Claim, o); err != nil {
		t.Fatalf("SettlePart: %v", err)
	}
}

var sentPart = journal.PartOutcome{Sent: true} //nolint:gochecknoglobals // a value

var retryAtOnce journal.PartOutcome //nolint:gochecknoglobals // a value

// retryLater is the outcome of an attempt that found nobody.
func retryLater() journal.PartOutcome { return journal.PartOutcome{Retry: time.Now().Add(time.Hour)} }

// Parts are given to who has the reader, and to no other, until it is gone.
func TestPresence(t *testing.T) {
	t.Parallel()
	for name, run := range map[string]func(t *testing.T, a, b *postgres.Store){
		"parts that another stores": func(t *testing.T, a, b *postgres.Store) {
			wake(t, a, bob)
			push(t, b, bob, "1", "2")
			noPart(t, b)
			settlePart(t, a, nextPart(t, a, "1"), sentPart)
			noPart(t, b)
			settlePart(t, a, nextPart(t, a, "2"), sentPart)
		},
		"parts that another stores while it waits for some": func(t *testing.T, a, b *postgres.Store) {
			wake(t, a, bob)
			ctx, cancel := context.WithCancel(t.Context())
			got := make(chan error, 1)
			go func() { _, err := b.NextPart(ctx); got <- err }()
			eventually(t, b.HasConsumer)
			push(t, b, bob, "1")
			nextPart(t, a, "1")
			cancel()
			if err := <-got; !errors.Is(err, context.Canceled) {
				t.Errorf("the other is given one, error %v", err)
			}
		},
		"parts of a turn of another": func(t *testing.T, a, b *postgres.Store) {
			wake(t, a, bob)
			if _, err := b.Enqueue(t.Context(), entryOf("bob", "m")); err != nil {
				t.Fatal(err)
			}
			turn, err := b.Next(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			step := journal.Step{End: done(), Parts: []channels.Part{{ID: "1", Channel: "web", Sender: "bob"}}}
			if err := b.Settle(t.Context(), turn.Claim, step); err != nil {
				t.Fatal(err)
			}
			noPart(t, b)
			settlePart(t, a, nextPart(t, a, "1"), sentPart)
		},
		"what waits": func(t *testing.T, a, b *postgres.Store) {
			push(t, b, bob, "1")
			settlePart(t, b, nextPart(t, b, "1"), retryLater())
			noPart(t, a, b)
			wake(t, a, bob)
			noPart(t, b)
			settlePart(t, a, nextPart(t, a, "1"), sentPart)
		},
		"what another has claimed and puts back": func(t *testing.T, a, b *postgres.Store) {
			push(t, b, bob, "1", "2")
			d := nextPart(t, b, "1")
			wake(t, a, bob)
			noPart(t, a, b)
			settlePart(t, b, d, retryLater())
			noPart(t, b)
			settlePart(t, a, nextPart(t, a, "1"), retryLater()) // this time nobody was woken
			noPart(t, a, b)
		},
		"what another has claimed and sends": func(t *testing.T, a, b *postgres.Store) {
			push(t, b, bob, "1", "2")
			d := nextPart(t, b, "1")
			wake(t, a, bob)
			settlePart(t, b, d, sentPart)
			noPart(t, b)
			settlePart(t, a, nextPart(t, a, "2"), sentPart)
		},
		"dead letters that another replays": func(t *testing.T, a, b *postgres.Store) {
			push(t, b, bob, "1")
			settlePart(t, b, nextPart(t, b, "1"), journal.PartOutcome{Dead: true})
			wake(t, a, bob)
			letters, err := b.DeadLetters(t.Context(), "", 0, 1)
			if err != nil || len(letters) != 1 {
				t.Fatalf("dead letters: %v, error %v", letters, err)
			}
			if _, err := b.Replay(t.Context(), letters[0].ID); err != nil {
				t.Fatal(err)
			}
			noPart(t, b)
			nextPart(t, a, "1")
		},
		"other conversations are anybody's": func(t *testing.T, a, b *postgres.Store) {
			wake(t, a, bob)
			push(t, a, bob, "1")
			push(t, a, channels.Conversation{Channel: "web", Sender: "ann"}, "ann's")
			nextPart(t, b, "ann's")
			nextPart(t, a, "1")
		},
		"what waits for one keeps nothing from another": func(t *testing.T, a, b *postgres.Store) {
			for n := range 20 {
				c := channels.Conversation{Channel: "web", Sender: strconv.Itoa(n)}
				wake(t, a, c)
				push(t, a, c, "held")
			}
			push(t, a, channels.Conversation{Channel: "web", Sender: "ann"}, "ann's")
			nextPart(t, b, "ann's")
		},
		"gone": func(t *testing.T, a, b *postgres.Store) {
			wake(t, a, bob)
			wake(t, a, bob)
			push(t, a, bob, "1", "2")
			d := nextPart(t, a, "1")
			gone(t, a, bob)
			settlePart(t, a, d, sentPart)
			settlePart(t, b, nextPart(t, b, "2"), sentPart)
			push(t, b, bob, "3")
			nextPart(t, b, "3")
		},
		"gone while parts are due": func(t *testing.T, a, b *postgres.Store) {
			wake(t, a, bob)
			push(t, b, bob, "1")
			noPart(t, b)
			gone(t, a, bob)
			nextPart(t, b, "1")
		},
		"the last to wake has it": func(t *testing.T, a, b *postgres.Store) {
			wake(t, a, bob)
			wake(t, b, bob)
			push(t, a, bob, "1", "2")
			noPart(t, a)
			settlePart(t, b, nextPart(t, b, "1"), sentPart)
			gone(t, a, bob) // it has not been there since
			noPart(t, a)
			settlePart(t, b, nextPart(t, b, "2"), sentPart)
			wake(t, a, bob)
			push(t, b, bob, "3")
			noPart(t, b)
			nextPart(t, a, "3")
		},
		"forgotten, and there still": func(t *testing.T, a, b *postgres.Store) {
			wake(t, a, bob)
			push(t, b, bob, "1")
			if _, err := b.Forget(t.Context(), bob); err != nil {
				t.Fatal(err)
			}
			push(t, b, bob, "2")
			noPart(t, b)
			nextPart(t, a, "2")
		},
		"swept, and there still": func(t *testing.T, a, b *postgres.Store) {
			wake(t, a, bob)
			if err := b.Exec(t.Context(), "UPDATE conversation SET seen = 0"); err != nil {
				t.Fatal(err)
			}
			if _, err := b.Sweep(t.Context(), 100); err != nil {
				t.Fatal(err)
			}
			push(t, b, bob, "1")
			noPart(t, b)
			nextPart(t, a, "1")
		},
		"a channel that the holder has not open": func(t *testing.T, a, b *postgres.Store) {
			a.OpenOutbox(journaltest.Slots())
			wake(t, a, bob)
			push(t, b, bob, "1")
			noPart(t, a, b)
			a.OpenOutbox(journaltest.Slots("web"))
			nextPart(t, a, "1")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			all := openOutboxes(t, newDatabase(t), 2, withoutPolling())
			run(t, all[0], all[1])
		})
	}
}
