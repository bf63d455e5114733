package sqlite_test

import (
	"database/sql"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	_ "modernc.org/sqlite" // a file as the first release opens it

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/sqlite"
)

// previous is the first release at work on a file: its statements, as it had them.
type previous struct {
	*testing.T
	db *sql.DB
}

func openPrevious(t *testing.T, dir string) previous {
	t.Helper()
	source := url.URL{
		Scheme: "file", OmitHost: true, Path: filepath.Join(dir, "journal.db"), RawQuery: "_pragma=journal_mode(WAL)",
	}
	db, err := sql.Open("sqlite", source.String())
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { db.Close() })
	return previous{t, db}
}

func (p previous) exec(statement string, args ...any) {
	p.Helper()
	if _, err := p.db.ExecContext(p.Context(), statement, args...); err != nil {
		p.Fatalf("%s: %v", statement, err)
	}
}

func (p previous) scan(statement string, into ...any) {
	p.Helper()
	if err := p.db.QueryRowContext(p.Context(), statement).Scan(into...); err != nil {
		p.Fatalf("%s: %v", statement, err)
	}
}

func (p previous) enqueue(id string) {
	p.Helper()
	body, err := journal.EncodeMessage(entryOf("ann", id, "text").Message)
	if err != nil {
		p.Fatal(err)
	}
	now := time.Now()
	p.exec(`INSERT INTO delivery (channel, sender, id, expires) VALUES (?1, ?2, ?3, ?4)
			ON CONFLICT DO UPDATE SET expires = ?4 WHERE expires <= ?5`,
		"web", "ann", id, now.Add(time.Hour).UnixMicro(), now.UnixMicro())
	p.exec(`INSERT INTO inbox (channel, sender, attempts, stored, body) VALUES (?, ?, ?, ?, ?)`,
		"web", "ann", 0, now.UnixMicro(), body)
}

// answer runs the turn of the first message and stores a part.
func (p previous) answer() {
	p.Helper()
	var row, attempts, shown, stored int64
	var body []byte
	p.scan(`SELECT min(id) FROM inbox`, &row)
	if err := p.db.QueryRowContext(p.Context(), `UPDATE inbox SET attempts = attempts + 1 WHERE id = ?
		RETURNING attempts, shown, stored, body`, row).Scan(&attempts, &shown, &stored, &body); err != nil {
		p.Fatal(err)
	}
	part, err := journal.EncodePart(channels.Part{Channel: "web", Sender: "ann", ID: "p"})
	if err != nil {
		p.Fatal(err)
	}
	p.exec(`INSERT INTO outbox (channel, sender, stored, body) VALUES (?, ?, ?, ?)`, "web", "ann", stored, part)
	p.exec(`UPDATE inbox SET shown = shown + 1 WHERE id = ?`, row)
	p.exec(`DELETE FROM inbox WHERE id = ?`, row)
}

// deadLetterFirst makes the first message a dead letter.
func (p previous) deadLetterFirst() {
	p.Helper()
	p.exec(`INSERT INTO dead_letter (kind, position, channel, sender, reason, died, body)
			SELECT ?, coalesce(position, id), channel, sender, ?, ?, body FROM inbox WHERE id = (SELECT min(id) FROM inbox)`,
		journal.KindFailed, "because", time.Now().UnixMicro())
	p.exec(`DELETE FROM inbox WHERE id = (SELECT min(id) FROM inbox)`)
}

// replay replays all dead letters.
func (p previous) replay() {
	p.Helper()
	for n := p.count("dead_letter"); n > 0; n-- {
		var kind, channel, sender string
		var position int64
		var body []byte
		p.scan(`DELETE FROM dead_letter WHERE id = (SELECT min(id) FROM dead_letter)
			RETURNING kind, position, channel, sender, body`, &kind, &position, &channel, &sender, &body)
		p.exec(`INSERT INTO inbox (channel, sender, position, stored, body) VALUES (?, ?, ?, ?, ?)`,
			channel, sender, position, time.Now().UnixMicro(), body)
	}
}

func (p previous) count(table string) (n int) {
	p.Helper()
	p.scan("SELECT count(*) FROM "+table, &n)
	return n
}

// A file of the first release serves this program, with all that waited in it.
func TestFirstSchemaIsMigrated(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := openPrevious(t, dir)
	p.exec(sqlite.FirstSchema())
	p.exec("UPDATE store SET openings = openings + 1")
	for _, id := range []string{"1", "2", "3"} {
		p.enqueue(id)
	}
	p.answer()
	p.deadLetterFirst()
	p.db.Close()

	s := mustOpen(t, dir)
	defer mustClose(t, s)
	depth(t, s, journal.Depth{Inbox: 1, Outbox: 1, DeadLetters: 1})
	known, err := s.Recall(t.Context(), journal.Key{Channel: "web", Sender: "ann", ID: "1"})
	if diff := cmp.Diff(&journal.Known{}, known); diff != "" || err != nil {
		t.Errorf("known (-want +got), error %v:\n%s", err, diff)
	}
	turn := next(t, s, "3")
	if err := s.Settle(t.Context(), turn.Claim, journal.Step{End: ended(journal.OutcomeDone)}); err != nil {
		t.Fatal(err)
	}
	list, err := s.DeadLetters(t.Context(), "", 0, 9)
	if err != nil || len(list) != 1 || list[0].Message == nil || list[0].Message.ID != "2" {
		t.Fatalf("dead letters %+v, error %v", list, err)
	}
	if n, err := s.Replay(t.Context(), list[0].ID); n != 1 || err != nil {
		t.Fatalf("Replay puts back %d, error %v", n, err)
	}
	next(t, s, "2")
	history, err := s.History(t.Context(), turn.Message.Conversation(), 9)
	if err != nil || len(history) != 2 || history[0].MessageID != "3" || history[1].MessageID != "2" {
		t.Errorf("history %+v, error %v", history, err)
	}
}

// The first release goes on with a file of this program's, and this one after it.
func TestFirstReleaseServesThisSchema(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := mustOpen(t, dir)
	put(t, s, entryOf("ann", "1", "text"))
	put(t, s, entryOf("ann", "2", "text"))
	ask(t, s, "asked")
	row := next(t, s, "1").Row
	if err := s.Corrupt(t.Context(), row, false); err != nil {
		t.Fatal(err)
	}
	mustClose(t, s)
	s = mustOpen(t, dir)
	next(t, s, "2") // the first became a dead letter
	mustClose(t, s)

	p := openPrevious(t, dir)
	p.exec("UPDATE store SET openings = openings + 1")
	checkListed(p)
	p.enqueue("3")
	p.enqueue("asked") // its key is known
	p.answer()
	p.deadLetterFirst()
	p.replay()
	if n := p.count("inbox"); n != 3 {
		t.Errorf("%d messages wait, want the two dead letters and the one", n)
	}
	p.exec(`DELETE FROM delivery WHERE (channel, sender, id) IN
			(SELECT channel, sender, id FROM delivery WHERE expires <= ? LIMIT ?)`, time.Now().UnixMicro(), 100)
	p.db.Close()

	s = mustOpen(t, dir)
	defer mustClose(t, s)
	depth(t, s, journal.Depth{Inbox: 3, Outbox: 1})
	known, err := s.Recall(t.Context(), journal.Key{Channel: "web", Sender: "ann", ID: "asked"})
	if err != nil || known == nil || known.State != journal.StateFailed {
		t.Errorf("known %+v, error %v; want it to have failed", known, err)
	}
}

// checkListed reads the dead letters as the first release does, which fails when one
// can't be decoded.
func checkListed(p previous) {
	p.Helper()
	rows, err := p.db.QueryContext(p.Context(), `SELECT id, kind, reason, died, body FROM dead_letter WHERE id > ? ORDER BY id LIMIT ?`, 0, 9)
	if err != nil {
		p.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var id, died int64
		var kind, reason string
		var body []byte
		if err := rows.Scan(&id, &kind, &reason, &died, &body); err != nil {
			p.Fatal(err)
		}
		if m, err := journal.DecodeMessage(body); err != nil || m.Sender != "ann" || !strings.Contains(reason, "cannot be read") {
			p.Errorf("dead letter %s of %+v, %s: %v", kind, m, reason, err)
		}
	}
}

// A program that knows fewer migrations opens the file and works.
func TestFewerMigrationsServe(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	mustClose(t, mustOpen(t, dir))
	s, err := sqlite.Open(t.Context(), dir, sqlite.Options{}.Knowing(1))
	if err != nil {
		t.Fatal(err)
	}
	defer mustClose(t, s)
	put(t, s, entryOf("ann", "1", "text"))
	step := journal.Step{End: ended(journal.OutcomeFailed)}
	if err := s.Settle(t.Context(), next(t, s, "1").Claim, step); err != nil {
		t.Fatal(err)
	}
	depth(t, s, journal.Depth{DeadLetters: 1})
}

// ask begins the turn of an asked message.
func ask(t *testing.T, s *sqlite.Store, id string) journal.Asked {
	t.Helper()
	asked, known, err := s.Begin(t.Context(), journal.Lock{}, entryOf("ann", id, "text"), []byte("digest"))
	if err != nil || known != nil {
		t.Fatalf("Begin returns %+v, error %v", known, err)
	}
	return asked
}
