package sqlite_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/manyvox/manyvox/service/journal/sqlite"
)

var parameter = regexp.MustCompile(`\?\d*`)

// planned returns how SQLite finds the rows of a statement.
func planned(t *testing.T, s *sqlite.Store, statement string) string {
	t.Helper()
	plan, err := s.Query(t.Context(), "EXPLAIN QUERY PLAN "+parameter.ReplaceAllString(statement, "1"))
	if err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
	return plan
}

// No statement reads all events, conversations or keys, or sorts them. What Forget
// deletes of inbox, outbox and dead letters has no index: it is asked for rarely.
func TestNothingIsReadInFull(t *testing.T) {
	t.Parallel()
	s := mustOpen(t, t.TempDir())
	defer mustClose(t, s)
	full := regexp.MustCompile(`SCAN (event|conversation|delivery)\b|TEMP B-TREE`)
	oldest := "SELECT cursor, channel, sender, kind, time FROM event ORDER BY cursor LIMIT ?"
	for _, statement := range append(sqlite.Reads(), sqlite.Writes()...) {
		if !strings.Contains(statement, " ") || strings.HasPrefix(statement, "BEGIN") || statement == oldest {
			continue
		}
		if plan := planned(t, s, statement); full.MatchString(plan) {
			t.Errorf("%s\n%s", statement, plan)
		}
	}
}

func TestPlans(t *testing.T) {
	t.Parallel()
	s := mustOpen(t, t.TempDir())
	defer mustClose(t, s)
	for part, want := range map[string]string{
		"kind IN ('message', 'reply')":                          "SEARCH event USING INDEX event_conversation (channel=? AND sender=?)",
		"WHERE channel = ? AND sender = ? AND cursor > ? ORDER": "SEARCH event USING INDEX event_conversation (channel=? AND sender=? AND rowid>?)",
		"WHERE channel = ? AND cursor > ? ORDER":                "SEARCH event USING INDEX event_channel (channel=? AND rowid>?)",
		"WHERE cursor > ? ORDER":                                "SEARCH event USING INTEGER PRIMARY KEY (rowid>?)",
		"message_id = ? AND kind = 'reply'":                     "SEARCH event USING INDEX event_conversation (channel=? AND sender=? AND rowid>?)",
		"SELECT address":                                        "SEARCH conversation USING PRIMARY KEY (channel=? AND sender=?)",
	} {
		found := 0
		for _, statement := range sqlite.Reads() {
			if !strings.Contains(statement, part) {
				continue
			}
			found++
			if plan := planned(t, s, statement); plan != want {
				t.Errorf("%s\n%s\nwant %s", statement, plan, want)
			}
		}
		if found != 1 {
			t.Errorf("%d statements have %q", found, part)
		}
	}
	const orphans = "UPDATE delivery SET state = 'failed' WHERE state = 'running'"
	if plan := planned(t, s, orphans); !strings.Contains(plan, "INDEX delivery_running") {
		t.Errorf("turns that run are found by\n%s", plan)
	}
}
