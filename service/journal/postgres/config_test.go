//go:build unix

package postgres_test

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/postgres"
)

func TestConfig(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		url      channels.Secret
		ordering string
		want     string
	}{
		"url and ordering":   {"postgres://u:p@h:5432/d", "replica", ""},
		"the other ordering": {"postgres://u:p@h:5432/d", "strict", ""},
		"no url":             {"", "strict", "url is required"},
		"another ordering":   {"postgres://h/d", "loose", `ordering is "loose", want strict or replica`},
		"a url of something": {"mysql://u:hunter2@h/d", "strict", "url is not one of a PostgreSQL database: want postgres://user:password@host:port/name"},
		"a broken url":       {"postgres://u:hunter2@h:port/d", "strict", "url is not one of a PostgreSQL database: want postgres://user:password@host:port/name"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			config := &postgres.Config{URL: c.url, Ordering: &c.ordering}
			got := ""
			if err := config.Validate(); err != nil {
				got = err.Error()
			}
			if got != c.want {
				t.Errorf("error %q, want %q", got, c.want)
			}
			if printed := fmt.Sprintf("%+v", *config); strings.Contains(printed, "hunter2") {
				t.Errorf("the password is printed: %s", printed)
			}
		})
	}
}

func TestConfigDefaults(t *testing.T) {
	t.Parallel()
	config := postgres.Type().New().(*postgres.Config)
	if diff := cmp.Diff(&postgres.Config{}, config); diff != "" {
		t.Errorf("defaults (-want +got):\n%s", diff)
	}
}

// Inspect shows a store that another process has open, and of one that is not yet.
func TestInspect(t *testing.T) {
	t.Parallel()
	url := newDatabase(t)
	config := &postgres.Config{URL: channels.Secret(url)}
	env := journal.Env{Log: slog.New(slog.DiscardHandler), Retention: journal.DefaultRetention}
	i, err := config.Inspect(t.Context(), env)
	if err != nil {
		t.Fatal(err)
	}
	if i.Depth != (journal.Depth{Free: -1}) || i.Bytes == 0 || !strings.HasPrefix(i.Place, "127.0.0.1/test") {
		t.Errorf("before there is a store Inspect returns %+v", i)
	}
	j, err := config.Open(t.Context(), env)
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	if _, err := j.Enqueue(t.Context(), entryOf("ann", "1"), entryOf("bob", "2")); err != nil {
		t.Fatal(err)
	}
	if i, err = config.Inspect(t.Context(), env); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]journal.Waiting{"web": {Inbox: 2}}, i.Waiting); diff != "" {
		t.Errorf("waiting (-want +got):\n%s", diff)
	}
}

// The error does not hold the password.
func TestOpenFails(t *testing.T) {
	t.Parallel()
	for _, url := range []string{"postgres://u:hunter2@127.0.0.1:1/d", "postgres://u:hunter2@127.0.0.1:port/d"} {
		_, err := postgres.Open(t.Context(), url, postgres.Options{})
		if err == nil || strings.Contains(err.Error(), "hunter2") || !strings.HasPrefix(err.Error(), "journal postgres: ") {
			t.Errorf("Open returns error %v", err)
		}
	}
}

// The key ordering is taken for one more version, with one warning that it does nothing.
func TestOrderingIsDeprecated(t *testing.T) {
	t.Parallel()
	url := channels.Secret(newDatabase(t))
	ordering := "replica"
	for name, c := range map[string]struct {
		config postgres.Config
		want   int
	}{
		"with it":    {postgres.Config{URL: url, Ordering: &ordering}, 1},
		"without it": {postgres.Config{URL: url}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var log strings.Builder
			j, err := c.config.Open(t.Context(), journal.Env{Log: slog.New(slog.NewTextHandler(&log, nil))})
			if err != nil {
				t.Fatal(err)
			}
			j.Close()
			if got := strings.Count(log.String(), "level=WARN msg=\"journal postgres: the key ordering does nothing any more"); got != c.want {
				t.Errorf("%d warnings, want %d, in the log:\n%s", got, c.want, &log)
			}
		})
	}
}
