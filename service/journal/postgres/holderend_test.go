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
	"github.com/manyvox/manyvox/service/journal/postgres"
	"github.com/manyvox/manyvox/service/journal/postgres/pgtest"
)

// What was held by a replica that closes or dies is anybody's, also when one that knows
// nothing of readers has taken over.
func TestHolderEnds(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(t *testing.T, a, b *postgres.Store, p *pgtest.Proxy){
		"closed": func(_ *testing.T, a, _ *postgres.Store, _ *pgtest.Proxy) { a.Close() },
		"cut off": func(_ *testing.T, _, _ *postgres.Store, p *pgtest.Proxy) {
			p.Cut()
		},
		"removed by an earlier version": func(t *testing.T, _, b *postgres.Store, p *pgtest.Proxy) {
			p.Cut()
			if err := b.Exec(t.Context(), "DELETE FROM replica WHERE id <> $1", b.Number()); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server, url := common.get(t), database(t)
			proxy := server.Proxy(t)
			a := replica(t, proxy.URL(url[strings.LastIndex(url, "/")+1:strings.Index(url, "?")]), brief())
			b := outboxes(t, url, 1, brief())[0]
			wake(t, a, bob)
			push(t, b, bob, "1")
			nothing(t, b)
			began := time.Now()
			end(t, a, b, proxy)
			settled(t, b, given(t, b, "1"), sentPart)
			t.Logf("after %v, with a lease of %v", time.Since(began), brief().Lease)
			wake(t, b, bob)
			push(t, b, bob, "2")
			given(t, b, "2")
		})
	}
}

// A replica that is started again holds nobody, and whoever comes to it is its.
func TestHolderStartsAgain(t *testing.T) {
	t.Parallel()
	url := database(t)
	b := outboxes(t, url, 1, slow())[0]
	for n := range 3 {
		a := outboxes(t, url, 1, slow())[0]
		id := strconv.Itoa(n)
		push(t, b, bob, id)
		settled(t, b, given(t, b, id), later())
		wake(t, a, bob)
		settled(t, a, given(t, a, id), sentPart)
		a.Close()
		push(t, b, bob, "then "+id)
		settled(t, b, given(t, b, "then "+id), sentPart)
	}
}

// A replica that lost its lease holds whoever is still connected, but those that came to
// another meanwhile, and lets them go when they leave.
func TestHolderLost(t *testing.T) {
	t.Parallel()
	all := outboxes(t, database(t), 2, brief())
	a, b := all[0], all[1]
	ann := channels.Conversation{Channel: "web", Sender: "ann"}
	for n := range 3 {
		id := strconv.Itoa(n)
		wake(t, a, bob)
		wake(t, a, ann)
		wake(t, b, ann)
		was := a.Number()
		a.Lose()
		until(t, func() bool { return a.Number() != was && !a.Succeeds() })
		push(t, b, bob, id)
		push(t, a, ann, "for ann "+id)
		settled(t, a, given(t, a, id), sentPart)
		settled(t, b, given(t, b, "for ann "+id), sentPart)
		a.Lose()
		gone(t, a, bob) // whatever its number is just now
		until(t, func() bool { return !a.Succeeds() })
		push(t, b, bob, "then "+id)
		a.OpenOutbox()
		settled(t, b, given(t, b, "then "+id), sentPart)
		a.OpenOutbox("web")
	}
}

// A reader may leave before it is held under the present number.
func TestHolderLostAndGone(t *testing.T) {
	t.Parallel()
	o := slow()
	o.Heartbeat = time.Hour
	a := outboxes(t, database(t), 1, o)[0]
	const former = 1 << 40
	wake(t, a, bob)
	if err := a.Exec(t.Context(), "UPDATE conversation SET holder = $1", former); err != nil {
		t.Fatal(err)
	}
	a.Former(former)
	gone(t, a, bob)
	if n, err := a.Count(t.Context(), "SELECT count(*) FROM conversation WHERE holder <> 0"); err != nil || n != 0 {
		t.Errorf("%d are held, error %v", n, err)
	}
}

// Many readers more than a heartbeat moves.
func TestHolderLostCrowd(t *testing.T) {
	t.Parallel()
	const crowd = 1_700
	a := outboxes(t, database(t), 1, brief())[0]
	var waking sync.WaitGroup
	for n := range crowd {
		waking.Go(func() {
			if err := a.Wake(context.Background(), channels.Conversation{Channel: "web", Sender: fmt.Sprint(n)}); err != nil {
				t.Error(err)
			}
		})
	}
	waking.Wait()
	a.Lose()
	until(t, func() bool {
		n, err := a.Count(t.Context(), fmt.Sprintf("SELECT count(*) FROM conversation WHERE holder = %d", a.Number()))
		return err == nil && n == crowd && !a.Succeeds()
	})
}
