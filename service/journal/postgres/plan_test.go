//go:build unix

package postgres_test

import (
	"context"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/manyvox/manyvox/service/journal/postgres"
)

// small are the tables that may be read in full, and why.
var small = map[string]string{ //nolint:gochecknoglobals // a table
	"replica": "it has a row for each replica that lives",
	"mark":    "it has a row for each replica that lived in the last day",
	"counter": "it has one row",
	"hold":    "it has a row for each name that is leased",
	"tally":   "it is summed up before it grows",
}

// large makes a journal in which much waits and far more is kept.
var large = []string{ //nolint:gochecknoglobals // a table
	`INSERT INTO conversation (channel, sender, address, seen, turn_due, part_due)
		SELECT ('c' || n % 20)::bytea, n::text::bytea, 'a', n, CASE WHEN n % 10 = 0 THEN n END, CASE WHEN n % 10 = 1 THEN n END
		FROM generate_series(1, 100000) n`,
	`INSERT INTO inbox (row, channel, sender, position, due, stored, attempts, shown, body)
		SELECT n, ('c' || n % 20)::bytea, n::text::bytea, n, 0, n, 0, 0, 'x' FROM generate_series(10, 100000, 10) n`,
	`INSERT INTO inbox (row, channel, sender, position, due, stored, attempts, shown, body)
		SELECT 1000000 + n, 'c0', '20', 1000000 + n, 0, n, 0, 0, 'x' FROM generate_series(1, 40000) n`,
	`INSERT INTO outbox (row, channel, sender, position, due, stored, attempts, body)
		SELECT n, ('c' || n % 20)::bytea, n::text::bytea, n, 0, n, 0, 'x' FROM generate_series(1, 100000, 10) n`,
	`INSERT INTO outbox (row, channel, sender, position, due, stored, attempts, body)
		SELECT 1000000 + n, 'c1', '1', 1000000 + n, 0, n, 0, 'x' FROM generate_series(1, 40000) n`,
	`INSERT INTO caller (row, channel, sender, replica)
		SELECT 2000000 + n, ('c' || n % 20)::bytea, n::text::bytea, n % 200 FROM generate_series(1, 20000) n`,
	`INSERT INTO dead_letter (id, kind, part, channel, sender, position, died, reason, body)
		SELECT n, CASE WHEN n % 2 = 0 THEN 'failed' ELSE 'refused' END, false, ('c' || n % 20)::bytea, (n % 5000)::text::bytea,
			n, n, 'x', 'x' FROM generate_series(1, 100000) n`,
	`INSERT INTO delivery (channel, sender, id, expires, state, token, replica, shown, replies, after)
		SELECT ('c' || n % 20)::bytea, (n % 5000)::text::bytea, n::text::bytea, n, '', 0, 0, 0, 0, 0
		FROM generate_series(1, 100000) n`,
	`INSERT INTO choice (number, channel, sender, part, message, stored, body)
		SELECT n, ('c' || n % 20)::bytea, (n % 5000)::text::bytea, n::text::bytea, n::text::bytea, n, 'x'
		FROM generate_series(1, 100000) n`,
	`INSERT INTO paused (channel, sender, reason, since)
		SELECT ('c' || n % 20)::bytea, n::text::bytea, '', n FROM generate_series(1, 20000) n`,
	`INSERT INTO alias (channel, id, sender, since, named)
		SELECT ('c' || n % 20)::bytea, n::text::bytea, (n % 20000)::text::bytea, n, n FROM generate_series(1, 50000) n`,
	`INSERT INTO event (cursor, kind, channel, sender, message_id, time, body)
		SELECT n, CASE WHEN n % 2 = 0 THEN 'message' ELSE 'reply' END, ('c' || n % 20)::bytea, (n % 5000)::text::bytea,
			n::text::bytea, n, 'x' FROM generate_series(1, 200000) n`,
	`INSERT INTO medium (channel, ref, sender, message, position, expires, mime, name, content)
		SELECT ('c' || n % 20)::bytea, n::text::bytea, (n % 5000)::text::bytea, CASE WHEN n % 3 > 0 THEN n::text::bytea END,
			CASE WHEN n % 3 > 1 THEN n END, n, '', '', '' FROM generate_series(1, 50000) n`,
	`ANALYZE`,
}

var (
	parameter = regexp.MustCompile(`\$\d+`)
	scanned   = regexp.MustCompile(`Seq Scan on (\w+)`)
	changes   = regexp.MustCompile(`^\(*(SELECT|INSERT|UPDATE|DELETE|WITH)\b`)
	// setsUp is of statements that read no rows, but for those that count a journal of an
	// earlier version, for manyvox check.
	setsUp     = regexp.MustCompile(`pg_advisory|schema_version|set_config|pg_notify|pg_database_size`)
	whitespace = regexp.MustCompile(`\s+`)
)

// No statement reads a table in full that grows, however much waits or is kept. The plans
// are those for any arguments, with PostgreSQL's own settings.
func TestNothingIsReadInFull(t *testing.T) {
	t.Parallel()
	url := newDatabase(t)
	openReplica(t, url, longLease()).Close()
	db, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close(context.Background()) })
	for _, sql := range append(slices.Clone(large), `SET plan_cache_mode = force_generic_plan`) {
		if _, err := db.Exec(t.Context(), sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
	for i, sql := range postgres.Statements() {
		plan := planOf(t, db, fmt.Sprint("s", i), sql)
		for _, found := range scanned.FindAllStringSubmatch(plan, -1) {
			if small[found[1]] == "" {
				t.Errorf("%s is read in full by\n%s\n%s", found[1], sql, plan)
			}
		}
	}
}

// planOf returns how PostgreSQL finds the rows of a statement.
func planOf(t *testing.T, db *pgx.Conn, name, sql string) string {
	t.Helper()
	if _, err := db.Exec(t.Context(), "PREPARE "+name+" AS "+sql); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	n := 0
	for _, p := range parameter.FindAllString(sql, -1) {
		number, _ := strconv.Atoi(p[1:]) // it is one
		n = max(n, number)
	}
	execute := "EXPLAIN EXECUTE " + name
	if n > 0 {
		execute += "(" + strings.TrimSuffix(strings.Repeat("NULL,", n), ",") + ")"
	}
	rows, err := db.Query(t.Context(), execute)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return strings.Join(lines, "\n")
}

// Statements returns every statement of the sources.
func TestStatementsAreAll(t *testing.T) {
	t.Parallel()
	var all string
	for _, sql := range postgres.Statements() {
		all += whitespace.ReplaceAllString(sql, " ") + "\n"
	}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		for _, sql := range literals(t, file) {
			// What newTable fills in is compared up to there.
			part, _, _ := strings.Cut(whitespace.ReplaceAllString(sql, " "), "@")
			if setsUp.MatchString(part) || strings.Contains(part, "GROUP BY channel UNION ALL") {
				continue
			}
			if found++; !strings.Contains(all, strings.TrimSpace(part)) {
				t.Errorf("%s has a statement that is not listed:\n%s", file, sql)
			}
		}
	}
	if found < 50 {
		t.Errorf("%d statements are found in the sources", found)
	}
}

// literals returns the texts of a file that are statements.
func literals(t *testing.T, file string) (all []string) {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(parsed, func(n ast.Node) bool {
		literal, isLiteral := n.(*ast.BasicLit)
		if !isLiteral || literal.Kind != token.STRING {
			return true
		}
		text, err := strconv.Unquote(literal.Value)
		if err != nil {
			t.Fatal(err)
		}
		if text = strings.TrimSpace(text); changes.MatchString(text) {
			all = append(all, text)
		}
		return true
	})
	return all
}
