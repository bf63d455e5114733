//go:build unix

package postgres_test

import (
	"context"
	"fmt"
	"hash/fnv"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/journaltest"
	"github.com/manyvox/manyvox/service/journal/postgres"
	"github.com/manyvox/manyvox/service/journal/postgres/pgtest"
)

// sharedServer is the server of the tests that do it no harm.
type sharedServer struct {
	once   sync.Once
	server *pgtest.Server
}

func (s *sharedServer) get(t testing.TB) *pgtest.Server {
	t.Helper()
	s.once.Do(func() { s.server = pgtest.Start(t) })
	if s.server == nil {
		t.Skip("there is no PostgreSQL")
	}
	return s.server
}

var shared sharedServer //nolint:gochecknoglobals // one server for the process

// TestMain runs the tests, or in a process that a test started its child.
func TestMain(m *testing.M) {
	if url := os.Getenv(childURL); url != "" {
		if err := runChild(url, os.Getenv(childRole)); err != nil {
			fmt.Fprintln(os.Stderr, "victim:", err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	code := m.Run()
	if shared.server != nil {
		shared.server.Stop() // the tests are over
	}
	os.Exit(code)
}

// inert are options for testing/synctest: nothing happens by itself.
func inert() postgres.Options {
	const ages = 1 << 20 * time.Hour
	return postgres.Options{Lease: ages, Heartbeat: ages, Poll: ages, Timeout: time.Minute, NoNotify: true}
}

// openStore opens the store in a schema named after the data directory.
func openStore(t testing.TB, env journal.Env) journal.Journal {
	t.Helper()
	return openWith(t, env, inert())
}

// openAt opens it with another clock.
func openAt(t testing.TB, env journal.Env, now func() time.Time) journal.Journal {
	t.Helper()
	return openWith(t, env, inert().WithClock(now))
}

func openWith(t testing.TB, env journal.Env, o postgres.Options) journal.Journal {
	t.Helper()
	h := fnv.New64a()
	h.Write([]byte(env.DataDir))
	o.Retention, o.Committed = env.Retention, env.Committed
	o.DeadLetterRetention, o.StaleAfter = env.DeadLetterRetention, env.StaleAfter
	s, err := postgres.Open(t.Context(), shared.server.Schema(t, fmt.Sprintf("s%x", h.Sum64())), o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestStore(t *testing.T) {
	t.Parallel()
	shared.get(t)
	journaltest.Run(t, openStore, journaltest.Options{
		Durable: true, Shared: true, Break: renameTables,
		Load: journaltest.Size{Conversations: 300}, Corrupt: corrupt, OpenAt: openAt,
	})
}

// renameTables is a journaltest.Break: no transaction finds the tables that every one of
// its kind writes.
func renameTables(t testing.TB, j journal.Journal) (restore func()) {
	t.Helper()
	s := j.(*postgres.Store)
	rename := func(from, to string) {
		for _, table := range []string{"mark", "hold", "setting", "medium", "alias"} {
			if err := s.Exec(t.Context(), "ALTER TABLE "+table+from+" RENAME TO "+table+to); err != nil {
				t.Fatal(err)
			}
		}
	}
	rename("", "_away")
	return func() { rename("_away", "") }
}

// corrupt makes a row one that can't be read.
func corrupt(t testing.TB, j journal.Journal, row int64, outbox bool) {
	t.Helper()
	table := "inbox"
	if outbox {
		table = "outbox"
	}
	// Some are longer than what is decoded under the lock.
	const damage = " SET body = CASE WHEN row % 2 = 0 THEN 'x' ELSE repeat('x', 100000)::bytea END WHERE row = $1"
	err := j.(*postgres.Store).Exec(context.Background(), "UPDATE "+table+damage, row)
	if err != nil {
		t.Fatal(err)
	}
}
