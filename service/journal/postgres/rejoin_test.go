//go:build unix

package postgres_test

import (
	"context"
	"testing"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// A caller that waits at a replica whose claims others have freed, and which has renewed its
// lease before they removed it, joins the queue again: its row is gone, and nobody would
// give it the lock.
func TestRejoin(t *testing.T) {
	t.Parallel()
	f := newReplicaSet(t, newDatabase(t), 2, longLease())
	a, b := f.all[0], f.all[1]
	c := channels.Conversation{Channel: "web", Sender: "ann"}
	lock, err := b.Acquire(t.Context(), c, 9)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), promptly)
	defer cancel()
	type outcome struct {
		journal.Lock
		error
	}
	got := make(chan outcome, 1)
	go func() {
		lock, err := a.Acquire(ctx, c, 1)
		got <- outcome{lock, err}
	}()
	eventually(t, func() bool { return f.waiters(t) == 1 })
	number := a.ReplicaID()
	if err := b.FreeClaims(t.Context(), number); err != nil {
		t.Fatal(err)
	}
	if id := a.ReplicaID(); id != number {
		t.Fatalf("the replica has the number %d, had %d", id, number)
	}
	lock.Release()
	o := <-got
	if o.error != nil {
		t.Fatalf("Acquire: %v", o.error)
	}
	o.Release()
	eventually(t, func() bool { return f.waiters(t) == 0 })
}
