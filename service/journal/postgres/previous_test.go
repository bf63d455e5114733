//go:build unix

package postgres_test

import (
	"context"
	_ "embed"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/journaltest"
	"github.com/manyvox/manyvox/service/journal/postgres"
)

// previousJournal is a journal that the commit c806cc3 wrote; previousStatements are all
// those with which it worked on one.
var (
	//go:embed testdata/journal.sql
	previousJournal string
	//go:embed testdata/statements.sql
	previousStatements string
)

// previous is the program of that commit at work on a database.
type previous struct {
	*testing.T
	db *pgx.Conn
}

func connectPrevious(t *testing.T, url string) previous {
	t.Helper()
	db, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close(context.Background()) })
	return previous{t, db}
}

// exec runs the first statement that begins so.
func (p previous) exec(begins string, args ...any) {
	p.Helper()
	sql := p.find(begins)
	if _, err := p.db.Exec(p.Context(), sql, args...); err != nil {
		p.Fatalf("%s: %v", sql, err)
	}
}

// find returns the first statement that begins so.
func (p previous) find(begins string) string {
	p.Helper()
	for _, sql := range strings.Split(previousStatements, ";\n") {
		if strings.HasPrefix(strings.TrimSpace(sql), begins) {
			return sql
		}
	}
	p.Fatalf("there is no statement %q", begins)
	return ""
}

// append appends an event.
func (p previous) append(e channels.Event) {
	p.Helper()
	body, err := journal.EncodeEvent(&e)
	if err != nil {
		p.Fatal(err)
	}
	p.exec("WITH c AS (UPDATE counter", 1, []string{string(e.Kind)}, [][]byte{[]byte(e.Channel)}, [][]byte{[]byte(e.Sender)},
		[][]byte{[]byte(e.MessageID)}, []int64{e.Time.UnixMicro()}, [][]byte{body})
}

// events reads all events, as they are without their cursors, and these.
func (p previous) events() (list []channels.Event, cursors []int64) {
	p.Helper()
	rows, err := p.db.Query(p.Context(), p.find("SELECT c.event, c.swept"), -1, 100)
	if err != nil {
		p.Fatal(err)
	}
	for rows.Next() {
		var newest, swept, cursor, at int64
		var kind string
		var channel, sender, id, body []byte
		if err := rows.Scan(&newest, &swept, &cursor, &kind, &channel, &sender, &id, &at, &body); err != nil {
			p.Fatal(err)
		}
		e := channels.Event{
			Kind: channels.EventKind(kind), Channel: string(channel), Sender: string(sender),
			MessageID: string(id), Time: time.UnixMicro(at).UTC(),
		}
		journal.DecodeEvent(body, &e)
		list, cursors = append(list, e), append(cursors, cursor)
	}
	if err := rows.Err(); err != nil {
		p.Fatal(err)
	}
	return list, cursors
}

// enqueue stores a message, under a number.
func (p previous) enqueue(c channels.Conversation, id string, number int64) {
	p.Helper()
	m := channels.Message{Channel: c.Channel, Sender: c.Sender, ID: id, Text: id}
	body, err := journal.EncodeMessage(m)
	if err != nil {
		p.Fatal(err)
	}
	now := time.Now().UnixMicro()
	channel, sender := [][]byte{[]byte(c.Channel)}, [][]byte{[]byte(c.Sender)}
	p.exec("INSERT INTO conversation", channel, sender, now)
	p.exec("INSERT INTO inbox", []int64{number}, channel, sender, []int64{number}, []int64{0}, []int64{now}, []int64{0},
		[][]byte{body}, []int64{0})
	p.exec("INSERT INTO delivery", channel, sender, [][]byte{[]byte(id)}, []int64{now + 1e9}, [][]byte{nil}, []string{""},
		[]int64{0}, []int64{0}, []int64{0}, []int64{0}, []int64{0})
	p.writeFree(c)
}

// fail makes a message a dead letter.
func (p previous) fail(c channels.Conversation, row, id int64) {
	p.Helper()
	p.exec("INSERT INTO dead_letter (id, kind, part, channel, sender, position, died, reason, body)\nSELECT u.id, u.kind, false",
		[]int64{id}, []int64{row}, []string{journal.KindFailed}, [][]byte{[]byte("because")}, time.Now().UnixMicro())
	p.exec("DELETE FROM inbox WHERE row", []int64{row})
	p.writeFree(c)
}

// writeFree writes a conversation in which nothing is claimed.
func (p previous) writeFree(c channels.Conversation) {
	p.Helper()
	none := []int64{0}
	p.exec("UPDATE conversation c SET\n\taddress", [][]byte{[]byte(c.Channel)}, [][]byte{[]byte(c.Sender)}, [][]byte{nil},
		none, none, none, none, []bool{false}, none, none, none)
}

// A journal of the previous version serves this program with all that waited in it. What
// the previous version goes on with beside it is counted and answered like all else.
func TestPreviousJournal(t *testing.T) {
	t.Parallel()
	url := newDatabase(t)
	p := connectPrevious(t, url)
	if _, err := p.db.Exec(t.Context(), previousJournal); err != nil {
		t.Fatal(err)
	}
	s := openReplica(t, url, shortLease())
	wantCounts(t, s, journal.Depth{Inbox: 2, Outbox: 2, DeadLetters: 2, Free: -1})
	known, err := s.Recall(t.Context(), journal.Key{Channel: "web", Sender: "dora", ID: "5"})
	if err != nil || known == nil || known.State != journal.StateDone || len(known.Replies) != 1 {
		t.Errorf("known %+v, error %v", known, err)
	}
	list, err := s.DeadLetters(t.Context(), "", 0, 9)
	if err != nil || len(list) != 2 || list[0].Message == nil || list[0].Message.ID != "2" || list[1].Part == nil {
		t.Fatalf("dead letters %+v, error %v", list, err)
	}
	answer(t, s, "4", "3") // the retry of the second is due
	if n, err := s.Replay(t.Context(), list[0].ID, list[1].ID); n != 2 || err != nil {
		t.Fatalf("Replay puts back %d, error %v", n, err)
	}
	answer(t, s, "2")
	s.OpenOutbox(journaltest.Slots("web"))
	for _, ids := range []map[string]bool{{"a2": true, "c1": true}, {"c2": true}} {
		for range len(ids) {
			d, err := s.NextPart(t.Context())
			if err != nil || !ids[d.Part.ID] {
				t.Fatalf("NextPart returns %s, error %v", d.Part.ID, err)
			}
			settlePart(t, s, d, sentPart)
		}
	}
	wantCounts(t, s, journal.Depth{Free: -1})
	erin := channels.Conversation{Channel: "web", Sender: "erin"}
	s.OpenInbox() // they wait
	p.enqueue(erin, "6", 1001)
	p.enqueue(erin, "7", 1002)
	wantCounts(t, s, journal.Depth{Inbox: 2, Free: -1})
	p.fail(erin, 1001, 1003)
	wantCounts(t, s, journal.Depth{Inbox: 1, DeadLetters: 1, Free: -1})
	s.OpenInbox("web")
	answer(t, s, "7")
}

// Beside a replica of the previous version, this one lists and remembers the events of both,
// each once. The other gets the first event of a row, and goes on behind the row.
func TestEventsBesidePreviousReplica(t *testing.T) {
	t.Parallel()
	url := newDatabase(t)
	s := openReplica(t, url, shortLease())
	p := connectPrevious(t, url)
	turn := func(id string) []channels.Event {
		at := time.UnixMicro(1_700_000_000_000_000).UTC()
		m := channels.Message{Channel: "web", Sender: "ann", ID: id, Text: id, Received: at}
		reply := journal.MessageEvent(&m)
		reply.Kind, reply.Message, reply.Replies = channels.EventReply, nil, []channels.Reply{{Text: "re " + id}}
		return []channels.Event{journal.MessageEvent(&m), reply, reply}
	}
	var want []channels.Event
	for i := range 3 {
		theirs, ours := turn(fmt.Sprint("old", i)), turn(fmt.Sprint("new", i))
		p.append(theirs[0])
		p.append(theirs[1])
		if err := s.AppendEvents(t.Context(), ours...); err != nil {
			t.Fatal(err)
		}
		want = append(append(want, theirs[:2]...), ours...)
	}
	for i := range want {
		want[i].Cursor = int64(i + 1)
	}
	page, err := s.Events(t.Context(), journal.EventFilter{Channel: "web"}, -1, 100)
	if diff := cmp.Diff(want, page.Events); diff != "" || err != nil {
		t.Errorf("events, error %v (-want +got):\n%s", err, diff)
	}
	history, err := s.History(t.Context(), channels.Conversation{Channel: "web", Sender: "ann"}, 7)
	if diff := cmp.Diff(want[len(want)-7:], history); diff != "" || err != nil {
		t.Errorf("history, error %v (-want +got):\n%s", err, diff)
	}
	var first []channels.Event
	for i, e := range want {
		if e.Cursor = 0; i%5 < 3 {
			first = append(first, e)
		}
	}
	got, cursors := p.events()
	if diff := cmp.Diff(first, got); diff != "" {
		t.Errorf("events for the previous version (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]int64{1, 2, 5, 6, 7, 10, 11, 12, 15}, cursors); diff != "" {
		t.Errorf("cursors for the previous version (-want +got):\n%s", diff)
	}
}

// All statements of the previous version do on the tables of this one.
func TestPreviousStatements(t *testing.T) {
	t.Parallel()
	url := newDatabase(t)
	openReplica(t, url, shortLease())
	p := connectPrevious(t, url)
	n := 0
	for i, sql := range strings.Split(previousStatements, ";\n") {
		if strings.TrimSpace(sql) == "" {
			continue
		}
		n++
		if _, err := p.db.Prepare(t.Context(), fmt.Sprint("p", i), sql); err != nil {
			t.Errorf("%s: %v", sql, err)
		}
	}
	if n < 60 {
		t.Errorf("there are %d statements", n)
	}
}

// answer has the store answer messages in this order.
func answer(t *testing.T, s *postgres.Store, ids ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), promptly)
	defer cancel()
	for _, id := range ids {
		turn, err := s.Next(ctx)
		if err != nil || turn.Message.ID != id {
			t.Fatalf("Next returns %q, error %v; want %q", turn.Message.ID, err, id)
		}
		if err := s.Settle(ctx, turn.Claim, journal.Step{End: done()}); err != nil {
			t.Fatal(err)
		}
	}
}

// wantCounts checks how much waits, by what is counted with the commits and by the tables.
func wantCounts(t *testing.T, s *postgres.Store, want journal.Depth) {
	t.Helper()
	eventually(t, func() bool { // counts may be as old as Options.CountsMaxAge
		got, err := s.Depth(t.Context())
		return err == nil && got == want
	})
	got := journal.Depth{Free: -1}
	for table, n := range map[string]*int{"inbox": &got.Inbox, "outbox": &got.Outbox, "dead_letter": &got.DeadLetters} {
		var err error
		if *n, err = s.QueryInt(t.Context(), "SELECT count(*) FROM "+table); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("tables (-want +got):\n%s", diff)
	}
}
