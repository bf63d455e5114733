package cmd_test

import (
	"errors"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/manyvox/manyvox/config"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/postgres"
	"github.com/manyvox/manyvox/service/journal/postgres/pgtest"
	"github.com/manyvox/manyvox/service/journal/sqlite"
	"github.com/manyvox/manyvox/service/setup"
)

// storeBlock names a store for the children, and lets the test open it after them: the
// text of endpoints.yml, and the type of the store in it.
type storeBlock struct {
	endpoints string
	typ       journal.Type
	// openLater opens the store as it is when an upload's hour is over.
	openLater func(t *testing.T, dir string) journal.Journal
}

// open opens the store of a program that has ended.
func (v storeBlock) open(t *testing.T, dir string) journal.Journal {
	t.Helper()
	block, err := config.Parse("endpoints.yml", []byte(v.endpoints), nil)
	if err != nil {
		t.Fatal(err)
	}
	e, err := setup.LoadEndpoints(block, childAgents(), []journal.Type{v.typ}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	store, err := e.Store.Open(t.Context(), journal.Env{
		DataDir: filepath.Join(dir, "data"), Log: slog.New(slog.DiscardHandler), Retention: e.Retention,
	})
	if err != nil {
		t.Fatal(err)
	}
	return store
}

func storeBlocks() map[string]func(*testing.T) storeBlock {
	return map[string]func(*testing.T) storeBlock{"sqlite": sqliteBlock, "postgres": postgresBlock}
}

// overAnHour is when an upload is not kept any more.
const overAnHour = time.Hour + time.Minute

func sqliteBlock(*testing.T) storeBlock {
	return storeBlock{echoes, sqlite.Type(), func(t *testing.T, dir string) journal.Journal {
		t.Helper()
		store, err := sqlite.Open(t.Context(), filepath.Join(dir, "data"), sqlite.Options{Now: func() time.Time { return time.Now().Add(overAnHour) }})
		if err != nil {
			t.Fatal(err)
		}
		return store
	}}
}

func postgresBlock(t *testing.T) storeBlock {
	t.Helper()
	server := pgtest.Start(t)
	t.Cleanup(func() {
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
	})
	url := server.URL(server.Database(t))
	v := storeBlock{endpoints: echoes + "store: {type: postgres, url: \"" + url + "\"}\n", typ: postgres.Type()}
	v.openLater = func(t *testing.T, dir string) journal.Journal {
		t.Helper()
		db, err := pgx.Connect(t.Context(), url)
		if err != nil {
			t.Fatal(err)
		}
		_, err = db.Exec(t.Context(), "UPDATE medium SET expires = expires - $1", overAnHour.Microseconds()) // its clock can't be set
		if err := errors.Join(err, db.Close(t.Context())); err != nil {
			t.Fatal(err)
		}
		return v.open(t, dir)
	}
	return v
}
