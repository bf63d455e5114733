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
	"github.com/manyvox/manyvox/service/journal/postgres"
)

// prompt is what the journal may take for what it does at once, on a busy machine.
const prompt = 10 * time.Second

var bob = channels.Conversation{Channel: "web", Sender: "bob"} //nolint:gochecknoglobals // a value

// slow are options with which nothing happens by polling in time: whoever hears of
// something was told.
func slow() postgres.Options {
	o := steady()
	o.Poll, o.Lease = time.Hour, time.Minute
	o.Heartbeat = 100 * time.Millisecond
	return o
}

// outboxes opens replicas whose outboxes are open, and which know of each other.
func outboxes(t *testing.T, url string, n int, o postgres.Options) []*postgres.Store {
	t.Helper()
	all := newFleet(t, url, n, o).all
	for _, s := range all {
		s.OpenOutbox("web")
		until(t, func() bool { return n == 1 || !s.Alone() })
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

// given returns the next part that a replica is given, which must be this one.
func given(t *testing.T, s *postgres.Store, id string) journal.Delivery {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), prompt)
	defer cancel()
	d, err := s.NextPart(ctx)
	if err != nil || d.Part.ID != id {
		t.Fatalf("NextPart returns %q, error %v; want %q", d.Part.ID, err, id)
	}
	return d
}

// nothing checks that a replica is given nothing, while it looks for it.
func nothing(t *testing.T, all ...*postgres.Store) {
	t.Helper()
	for _, s := range all {
		s.Look()
		ctx, cancel := context.WithTimeout(t.Context(), 150*time.Millisecond)
		defer cancel()
		if d, err := s.NextPart(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("NextPart returns %q, error %v; want it to wait", d.Part.ID, err)
		}
	}
}

func settled(t *testing.T, s *postgres.Store, d journal.Delivery, o journal.PartOutcome) {
	t.Helper()
	if err := s.SettlePart(t.Context(), d.Claim, o); err != nil {
		t.Fatalf("SettlePart: %v", err)
	}
}

var sentPart = journal.PartOutcome{Sent: true} //nolint:gochecknoglobals // a value

// later is the outcome of an attempt that found nobody.
func later() journal.PartOutcome { return journal.PartOutcome{Retry: time.Now().Add(time.Hour)} }

// Parts are given to who has the reader, and to no other, until it is gone.
func TestHolder(t *testing.T) {
	t.Parallel()
	for name, play := range map[string]func(t *testing.T, a, b *postgres.Store){
		"parts that another stores": func(t *testing.T, a, b *postgres.Store) {
			wake(t, a, bob)
			push(t, b, bob, "1", "2")
			nothing(t, b)
			settled(t, a, given(t, a, "1"), sentPart)
			nothing(t, b)
			settled(t, a, given(t, a, "2"), sentPart)
		},
		"parts that another stores while it waits for some": func(t *testing.T, a, b *postgres.Store) {
			wake(t, a, bob)
			ctx, cancel := context.WithCancel(t.Context())
			got := make(chan error, 1)
			go func() { _, err := b.NextPart(ctx); got <- err }()
			until(t, b.Takes)
			push(t, b, bob, "1")
			given(t, a, "1")
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
			nothing(t, b)
			settled(t, a, given(t, a, "1"), sentPart)
		},
		"what waits": func(t *testing.T, a, b *postgres.Store) {
			push(t, b, bob, "1")
			settled(t, b, given(t, b, "1"), later())
			nothing(t, a, b)
			wake(t, a, bob)
			nothing(t, b)
			settled(t, a, given(t, a, "1"), sentPart)
		},
		"what another has claimed and puts back": func(t *testing.T, a, b *postgres.Store) {
			push(t, b, bob, "1", "2")
			d := given(t, b, "1")
			wake(t, a, bob)
			nothing(t, a, b)
			settled(t, b, d, later())
			nothing(t, b)
			settled(t, a, given(t, a, "1"), later()) // this time nobody was woken
			nothing(t, a, b)
		},
		"what another has claimed and sends": func(t *testing.T, a, b *postgres.Store) {
			push(t, b, bob, "1", "2")
			d := given(t, b, "1")
			wake(t, a, bob)
			settled(t, b, d, sentPart)
			nothing(t, b)
			settled(t, a, given(t, a, "2"), sentPart)
		},
		"dead letters that another replays": func(t *testing.T, a, b *postgres.Store) {
			push(t, b, bob, "1")
			settled(t, b, given(t, b, "1"), journal.PartOutcome{Dead: true})
			wake(t, a, bob)
			letters, err := b.DeadLetters(t.Context(), "", 0, 1)
			if err != nil || len(letters) != 1 {
				t.Fatalf("dead letters: %v, error %v", letters, err)
			}
			if _, err := b.Replay(t.Context(), letters[0].ID); err != nil {
				t.Fatal(err)
			}
			nothing(t, b)
			given(t, a, "1")
		},
		"other conversations are anybody's": func(t *testing.T, a, b *postgres.Store) {
			wake(t, a, bob)
			push(t, a, bob, "1")
			push(t, a, channels.Conversation{Channel: "web", Sender: "ann"}, "ann's")
			given(t, b, "ann's")
			given(t, a, "1")
		},
		"what waits for one keeps nothing from another": func(t *testing.T, a, b *postgres.Store) {
			for n := range 20 {
				c := channels.Conversation{Channel: "web", Sender: strconv.Itoa(n)}
				wake(t, a, c)
				push(t, a, c, "held")
			}
			push(t, a, channels.Conversation{Channel: "web", Sender: "ann"}, "ann's")
			given(t, b, "ann's")
		},
		"gone": func(t *testing.T, a, b *postgres.Store) {
			wake(t, a, bob)
			wake(t, a, bob)
			push(t, a, bob, "1", "2")
			d := given(t, a, "1")
			gone(t, a, bob)
			settled(t, a, d, sentPart)
			settled(t, b, given(t, b, "2"), sentPart)
			push(t, b, bob, "3")
			given(t, b, "3")
		},
		"gone while parts are due": func(t *testing.T, a, b *postgres.Store) {
			wake(t, a, bob)
			push(t, b, bob, "1")
			nothing(t, b)
			gone(t, a, bob)
			given(t, b, "1")
		},
		"the last to wake has it": func(t *testing.T, a, b *postgres.Store) {
			wake(t, a, bob)
			wake(t, b, bob)
			push(t, a, bob, "1", "2")
			nothing(t, a)
			settled(t, b, given(t, b, "1"), sentPart)
			gone(t, a, bob) // it has not been there since
			nothing(t, a)
			settled(t, b, given(t, b, "2"), sentPart)
			wake(t, a, bob)
			push(t, b, bob, "3")
			nothing(t, b)
			given(t, a, "3")
		},
		"forgotten, and there still": func(t *testing.T, a, b *postgres.Store) {
			wake(t, a, bob)
			push(t, b, bob, "1")
			if _, err := b.Forget(t.Context(), bob); err != nil {
				t.Fatal(err)
			}
			push(t, b, bob, "2")
			nothing(t, b)
			given(t, a, "2")
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
			nothing(t, b)
			given(t, a, "1")
		},
		"a channel that the holder has not open": func(t *testing.T, a, b *postgres.Store) {
			a.OpenOutbox()
			wake(t, a, bob)
			push(t, b, bob, "1")
			nothing(t, a, b)
			a.OpenOutbox("web")
			given(t, a, "1")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			all := outboxes(t, database(t), 2, slow())
			play(t, all[0], all[1])
		})
	}
}
