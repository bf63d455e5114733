//go:build unix

package service_test

import (
	"log/slog"
	"testing"

	"github.com/manyvox/manyvox/service/journal/postgres"
	"github.com/manyvox/manyvox/service/journal/postgres/pgtest"
)

func TestEdge08_12_LargeRepliesOnPostgres(t *testing.T) {
	t.Parallel()
	server := pgtest.Start(t)
	t.Cleanup(func() {
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
	})
	j, err := postgres.Open(t.Context(), server.URL(server.Database(t)), postgres.Options{
		Retention: -1, Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	testLargeReplies(t, j, 3<<20) // SQLite is tried with the largest, which takes its time
}
