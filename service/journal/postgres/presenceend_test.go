//go:build unix

package postgres_test

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal/journaltest"
	"github.com/manyvox/manyvox/service/journal/postgres"
	"github.com/manyvox/manyvox/service/journal/postgres/pgtest"
)

// When a replica closes or dies, any other may send to its readers, also when one that knows
// nothing of presence has taken over.
func TestPresenceEnds(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(t *testing.T, a, b *postgres.Store, p *pgtest.Proxy){
		"closed": func(_ *testing.T, a, _ *postgres.Store, _ *pgtest.Proxy) { a.Close() },
		"cut off": func(_ *testing.T, _, _ *postgres.Store, p *pgtest.Proxy) {
			p.Cut()
		},
		"removed by an earlier version": func(t *testing.T, _, b *postgres.Store, p *pgtest.Proxy) {
			p.Cut()
			if err := b.Exec(t.Context(), "DELETE FROM replica WHERE id <> $1", b.ReplicaID()); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server, url := shared.get(t), newDatabase(t)
			proxy := server.Proxy(t)
			a := openReplica(t, proxy.URL(url[strings.LastIndex(url, "/")+1:strings.Index(url, "?")]), shortLease())
			b := openOutboxes(t, url, 1, shortLease())[0]
			wake(t, a, bob)
			push(t, b, bob, "1")
			noPart(t, b)
			began := time.Now()
			end(t, a, b, proxy)
			settlePart(t, b, nextPart(t, b, "1"), sentPart)
			t.Logf("after %v, with a lease of %v", time.Since(began), shortLease().Lease)
			wake(t, b, bob)
			push(t, b, bob, "2")
			nextPart(t, b, "2")
		})
	}
}

// A replica that is started again holds nobody, and whoever comes to it is its.
func TestPresenceRestart(t *testing.T) {
	t.Parallel()
	url := newDatabase(t)
	b := openOutboxes(t, url, 1, withoutPolling())[0]
	for n := range 3 {
		a := openOutboxes(t, url, 1, withoutPolling())[0]
		id := strconv.Itoa(n)
		push(t, b, bob, id)
		settlePart(t, b, nextPart(t, b, id), retryLater())
		wake(t, a, bob)
		settlePart(t, a, nextPart(t, a, id), sentPart)
		a.Close()
		push(t, b, bob, "then "+id)
		settlePart(t, b, nextPart(t, b, "then "+id), sentPart)
	}
}

// A replica that lost its lease holds whoever is still connected, but those that came to
// another meanwhile, and lets them go when they leave.
func TestPresenceLeaseLost(t *testing.T) {
	t.Parallel()
	all := openOutboxes(t, newDatabase(t), 2, shortLease())
	a, b := all[0], all[1]
	ann := channels.Conversation{Channel: "web", Sender: "ann"}
	for n := range 3 {
		id := strconv.Itoa(n)
		wake(t, a, bob)
		wake(t, a, ann)
		wake(t, b, ann)
		was := a.ReplicaID()
		a.AbandonLease()
		eventually(t, func() bool { return a.ReplicaID() != was && !a.HasFormerIDs() })
		push(t, b, bob, id)
		push(t, a, ann, "for ann "+id)
		settlePart(t, a, nextPart(t, a, id), sentPart)
		settlePart(t, b, nextPart(t, b, "for ann "+id), sentPart)
		a.AbandonLease()
		gone(t, a, bob) // whatever its number is just now
		eventually(t, func() bool { return !a.HasFormerIDs() })
		push(t, b, bob, "then "+id)
		a.OpenOutbox(journaltest.Slots())
		settlePart(t, b, nextPart(t, b, "then "+id), sentPart)
		a.OpenOutbox(journaltest.Slots("web"))
	}
}

// A reader may leave before it is moved to the present number.
func TestPresenceLeaseLostAndGone(t *testing.T) {
	t.Parallel()
	o := withoutPolling()
	o.Heartbeat = time.Hour
	a := openOutboxes(t, newDatabase(t), 1, o)[0]
	const former = 1 << 40
	wake(t, a, bob)
	if err := a.Exec(t.Context(), "UPDATE conversation SET holder = $1", former); err != nil {
		t.Fatal(err)
	}
	a.AddFormerID(former)
	gone(t, a, bob)
	if n, err := a.QueryInt(t.Context(), "SELECT count(*) FROM conversation WHERE holder <> 0"); err != nil || n != 0 {
		t.Errorf("%d readers stand as connected, error %v", n, err)
	}
}

// There may be more readers than one heartbeat moves.
func TestPresenceLeaseLostManyReaders(t *testing.T) {
	t.Parallel()
	const readers = 1_700
	a := openOutboxes(t, newDatabase(t), 1, longLease())[0]
	var waking sync.WaitGroup
	for n := range readers {
		waking.Go(func() {
			if err := a.Wake(context.Background(), channels.Conversation{Channel: "web", Sender: fmt.Sprint(n)}); err != nil {
				t.Error(err)
			}
		})
	}
	waking.Wait()
	a.AbandonLease()
	eventually(t, func() bool {
		n, err := a.QueryInt(t.Context(), fmt.Sprintf("SELECT count(*) FROM conversation WHERE holder = %d", a.ReplicaID()))
		return err == nil && n == readers && !a.HasFormerIDs()
	})
}
