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

// shared is the server of the tests that do it no harm.
type shared struct {
	once   sync.Once
	server *pgtest.Server
}

func (s *shared) get(t testing.TB) *pgtest.Server {
	t.Helper()
	s.once.Do(func() { s.server = pgtest.Start(t) })
	if s.server == nil {
		t.Skip("there is no PostgreSQL")
	}
	return s.server
}

var common shared //nolint:gochecknoglobals // one server for the process

// TestMain runs the tests, or in a process that a test started its victim.
func TestMain(m *testing.M) {
	if url := os.Getenv(victimURL); url != "" {
		if err := victim(url, os.Getenv(victimRole)); err != nil {
			fmt.Fprintln(os.Stderr, "victim:", err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	code := m.Run()
	if common.server != nil {
		common.server.Stop() // the tests are over
	}
	os.Exit(code)
}

// still are options for a bubble of testing/synctest: nothing happens by itself.
func still() postgres.Options {
	const ages = 1 << 20 * time.Hour
	return postgres.Options{Lease: ages, Heartbeat: ages, Poll: ages, Patience: time.Minute, Deaf: true}
}

// open opens the store in a schema named after the directory.
func open(t testing.TB, dir string, retention time.Duration) journal.Journal {
	t.Helper()
	h := fnv.New64a()
	h.Write([]byte(dir))
	o := still()
	o.Retention = retention
	s, err := postgres.Open(t.Context(), common.server.Schema(t, fmt.Sprintf("s%x", h.Sum64())), o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestStore(t *testing.T) {
	t.Parallel()
	common.get(t)
	journaltest.Run(t, open, journaltest.Options{Durable: true, Load: journaltest.Size{Conversations: 300}, Corrupt: corrupt})
}

// corrupt makes a row one that can't be read.
func corrupt(t testing.TB, j journal.Journal, row int64, outbox bool) {
	t.Helper()
	table := "inbox"
	if outbox {
		table = "outbox"
	}
	err := j.(*postgres.Store).Exec(context.Background(), "UPDATE "+table+" SET body = 'x' WHERE row = $1", row)
	if err != nil {
		t.Fatal(err)
	}
}
