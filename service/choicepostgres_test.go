//go:build unix

package service_test

import (
	"log/slog"
	"testing"

	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/postgres"
	"github.com/manyvox/manyvox/service/journal/postgres/pgtest"
	"github.com/manyvox/manyvox/service/servicetest"
)

func TestChoicesOnPostgres(t *testing.T) {
	t.Parallel()
	server := pgtest.Start(t)
	t.Cleanup(func() {
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
	})
	url := server.URL(server.Database(t))
	choose(t, func() journal.Journal {
		store, err := postgres.Open(t.Context(), url, postgres.Options{Retention: -1, Log: slog.New(slog.NewTextHandler(t.Output(), nil))})
		if err != nil {
			t.Fatal(err)
		}
		return store
	}, servicetest.OnLoopback)
}
