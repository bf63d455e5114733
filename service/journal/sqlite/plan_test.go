package sqlite_test

import (
	"fmt"
	"regexp"
	"slices"
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

// growAll makes the journal one with so many rows in each table, of a few conversations of two
// channels, and lets SQLite count them, so that it plans as for a large journal.
func growAll(t *testing.T, s *sqlite.Store, rows int) {
	t.Helper()
	from := fmt.Sprintf(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) INSERT INTO `, rows)
	const of = ` SELECT 'channel' || (i %% 2), 'sender' || (i %% 97), %s FROM n`
	for _, table := range []struct{ columns, values string }{
		{"inbox (channel, sender, stored, body)", "i, '{}'"},
		{"outbox (channel, sender, stored, body)", "i, '{}'"},
		{"delivery (channel, sender, id, expires)", "'id' || i, i"},
		{"dead_letter (channel, sender, kind, position, reason, died, body)",
			"CASE i % 3 WHEN 0 THEN 'refused' WHEN 1 THEN 'failed' ELSE 'undelivered' END, i, 'reason', i, '{}'"},
		{"medium (channel, sender, ref, message, position, expires, size, mime, name)",
			"'ref' || i, CASE WHEN i % 3 > 0 THEN 'id' || i END, CASE WHEN i % 3 > 1 THEN i END, i, 1, '', ''"},
		{"choice (channel, sender, part, message, stored, open, body)", "'part' || i, 'id' || i, i, 0, '[]'"},
		{"event (channel, sender, kind, message_id, time, body)", "'message', 'id' || i, i, '{}'"},
	} {
		if err := s.Exec(t.Context(), from+table.columns+fmt.Sprintf(of, table.values)); err != nil {
			t.Fatal(err)
		}
	}
	conversations := from +
		"conversation (channel, sender, address, seen) SELECT 'web', 'sender' || i, '', i FROM n"
	if err := s.Exec(t.Context(), conversations+"; ANALYZE"); err != nil {
		t.Fatal(err)
	}
}

// mayScan has the beginnings of the statements that may read a table, or a whole index, from
// its beginning, and why.
var mayScan = map[string]string{
	"SELECT cursor, channel, sender, kind, time FROM event ORDER BY cursor LIMIT ?": "it stops at its limit: the oldest come first",
	"UPDATE delivery SET state = CASE":                                              "the index has only the turns that run, and the start ends them all",
	"SELECT id, coalesce(position, id), chann":                                      "the start reads all that waits",
	"UPDATE store SET openings":                                                     "the start counts dead letters",
	"SELECT channel, count(*) FROM":                                                 "check counts what waits, beside the program",
	"SELECT count(*) FROM dead_letter":                                              "check counts dead letters, beside the program",
}

// No statement of the store reads a table that grows in full, or sorts it.
func TestNothingIsReadInFull(t *testing.T) {
	t.Parallel()
	s := mustOpen(t, t.TempDir())
	defer mustClose(t, s)
	growAll(t, s, 5_000)
	full := regexp.MustCompile(`SCAN (event|conversation|delivery|inbox|outbox|dead_letter|m|medium|medium_content|choice|event_index|e|i)\b|TEMP B-TREE`)
	used := map[string]bool{}
	for _, statement := range slices.Concat(sqlite.Reads(), sqlite.Writes(), sqlite.StartAndCheck()) {
		if !strings.Contains(statement, " ") || strings.HasPrefix(statement, "BEGIN") {
			continue
		}
		plan := planned(t, s, statement)
		if !full.MatchString(plan) {
			continue
		}
		allowed := allowance(statement)
		if used[allowed] = true; allowed == "" {
			t.Errorf("%s\n%s", statement, plan)
		}
	}
	for statement := range mayScan {
		if !used[statement] {
			t.Errorf("%q need not be allowed to scan", statement)
		}
	}
}

// allowance returns the entry of mayScan that lets the statement read in full, "" for none.
func allowance(statement string) string {
	for beginning := range mayScan {
		if strings.HasPrefix(statement, beginning) {
			return beginning
		}
	}
	return ""
}

// merged is the plan of a statement that reads the rows of a conversation that have an entry as
// search says, and those that have none by their cursors.
func merged(search string) string {
	return "MERGE (UNION ALL)\nLEFT\n" + search + "\nSEARCH e USING INTEGER PRIMARY KEY (rowid=?)\n" +
		"RIGHT\nSEARCH e USING INTEGER PRIMARY KEY (rowid=?)\n" +
		"LIST SUBQUERY 2\nSCAN json_each VIRTUAL TABLE INDEX 1:\nSCALAR SUBQUERY 3\nSCAN store"
}

func TestPlans(t *testing.T) {
	t.Parallel()
	s := mustOpen(t, t.TempDir())
	defer mustClose(t, s)
	for part, want := range map[string]string{
		"kind IN ('message', 'reply')": merged("SEARCH i USING PRIMARY KEY (key=? AND cursor<?)"),
		"AND e.message_id = ?6":        merged("SEARCH i USING PRIMARY KEY (key=? AND cursor>?)"),
		"AND e.cursor <= ?6":           merged("SEARCH i USING PRIMARY KEY (key=? AND cursor>? AND cursor<?)"),
		"event e WHERE cursor > ?":     "SEARCH e USING INTEGER PRIMARY KEY (rowid>?)",
		"ORDER BY i.cursor, e.cursor": "SEARCH i USING PRIMARY KEY (key=? AND cursor>?)\nSEARCH e USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)" +
			"\nSCALAR SUBQUERY 1\nSCAN store",
		"e.channel = ?1 ORDER BY e.cursor":              "SEARCH e USING INTEGER PRIMARY KEY (rowid>?)\nSCALAR SUBQUERY 1\nSCAN store",
		"FROM dead_letter WHERE channel = ? AND id > ?": "SEARCH dead_letter USING INDEX dead_letter_channel (channel=? AND rowid>?)",
		"FROM dead_letter WHERE id > ?":                 "SEARCH dead_letter USING INTEGER PRIMARY KEY (rowid>?)",
		"FROM choice":                                   "SEARCH choice USING INDEX choice_conversation (channel=? AND sender=?)",
		"SELECT address":                                "SEARCH conversation USING PRIMARY KEY (channel=? AND sender=?)",
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
	for part, index := range map[string]string{
		"UPDATE delivery SET state = CASE":                      "INDEX delivery_running",
		"DELETE FROM dead_letter WHERE channel = ? AND sender":  "INDEX dead_letter_conversation",
		"DELETE FROM dead_letter WHERE id IN":                   "INDEX dead_letter_died",
		"WHERE channel = ? AND sender = ? AND kind = 'refused'": "INDEX dead_letter_conversation (channel=? AND sender=? AND kind=?)",
		"UPDATE choice":                                       "INDEX choice_conversation (channel=? AND sender=?)",
		"DELETE FROM choice WHERE channel = ?1":               "INDEX choice_conversation (channel=? AND sender=? AND rowid<?)",
		"DELETE FROM choice WHERE channel = ? AND sender":     "INDEX choice_conversation",
		"DELETE FROM choice WHERE id IN":                      "INDEX choice_stored",
		"DELETE FROM event WHERE channel = ?2":                "SEARCH event_index USING PRIMARY KEY (key=?)",
		"DELETE FROM event_index WHERE key = ? AND NOT":       "SEARCH e USING INTEGER PRIMARY KEY (rowid=?)",
		"DELETE FROM event_index WHERE key = ? AND cursor":    "PRIMARY KEY (key=? AND cursor<?)",
		"DELETE FROM conversation WHERE channel = ?1":         "SEARCH i USING PRIMARY KEY (key=? AND cursor>?)",
		"DELETE FROM delivery WHERE (channel, sender, id) IN": "INDEX delivery_expires",
	} {
		for _, statement := range slices.Concat(sqlite.Writes(), sqlite.StartAndCheck()) {
			if plan := planned(t, s, statement); strings.Contains(statement, part) && !strings.Contains(plan, index) {
				t.Errorf("%s\n%s\nwant %s", statement, plan, index)
			}
		}
	}
}
