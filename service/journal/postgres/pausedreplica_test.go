//go:build unix

package postgres_test

import (
	"testing"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/postgres"
)

// What begins at one replica after another has paused the conversation knows of it, without
// delay: a message, a lock, and a lock that was waited for.
func TestReplicasPause(t *testing.T) {
	t.Parallel()
	f := newReplicaSet(t, newDatabase(t), 2, postgres.Options{Retention: -1})
	here, there := f.all[0], f.all[1]
	c := channels.Conversation{Channel: "web", Sender: "ann"}
	held, err := there.Acquire(t.Context(), c, 9)
	if err != nil || held.Paused {
		t.Fatalf("paused %v, %v", held.Paused, err)
	}
	waited := make(chan journal.Lock, 1)
	go func() {
		lock, err := there.Acquire(t.Context(), c, 9)
		if err != nil {
			t.Error(err)
		}
		waited <- lock
	}()
	eventually(t, func() bool {
		n, err := here.QueryInt(t.Context(), "SELECT count(*) FROM caller")
		return n == 1 && err == nil
	})
	for _, paused := range []bool{true, false, true} {
		if paused {
			_, err = here.PauseConversation(t.Context(), journal.Paused{Conversation: c, Since: time.Now()})
		} else {
			_, err = here.ResumeConversation(t.Context(), c)
		}
		if err != nil {
			t.Fatal(err)
		}
		if held.Release != nil {
			held.Release()
			held.Release = nil
			lock := <-waited
			if lock.Paused != paused {
				t.Errorf("a lock that was waited for: paused %v, want %v", lock.Paused, paused)
			}
			lock.Release()
		}
		lock, err := there.Acquire(t.Context(), c, 9)
		if err != nil || lock.Paused != paused {
			t.Errorf("lock: paused %v, want %v, %v", lock.Paused, paused, err)
		}
		lock.Release()
	}
	if _, err := here.Enqueue(t.Context(), entryOf("ann", "1")); err != nil {
		t.Fatal(err)
	}
	if turn, err := there.Next(t.Context()); err != nil || !turn.Paused {
		t.Errorf("message: paused %v, %v", turn.Paused, err)
	}
}
