package sqlite_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/sqlite"
)

// appendMessage appends the event of a message of ann's from an address.
func appendMessage(t *testing.T, s *sqlite.Store, address string, at time.Time) {
	t.Helper()
	m := channels.Message{Channel: "web", Sender: "ann", ID: "1", Address: address, Received: at}
	if err := s.AppendEvents(t.Context(), journal.MessageEvent(&m)); err != nil {
		t.Fatal(err)
	}
}

// wantAddressRow asks what the row of ann's conversation says.
func wantAddressRow(t *testing.T, s *sqlite.Store, want string) {
	t.Helper()
	got, err := s.Query(t.Context(), "SELECT address || ' ' || seen FROM conversation WHERE sender = 'ann'")
	if got != want || err != nil {
		t.Errorf("the row says %q, want %q; error %v", got, want, err)
	}
}

// The row of a conversation is written when its address changes, and twice a day.
func TestConversationIsWrittenSeldom(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir())
	defer mustClose(t, s)
	at := func(hours int) time.Time { return time.UnixMicro(int64(hours) * time.Hour.Microseconds()) }
	for _, step := range []struct {
		address string
		hour    int
		want    string
	}{
		{"C1", 100, "C1 360000000000"},
		{"C1", 111, "C1 360000000000"},
		{"C2", 111, "C2 399600000000"},
		{"C2", 112, "C2 399600000000"},
		{"C1", 112, "C1 403200000000"},
		{"C1", 125, "C1 450000000000"},
	} {
		appendMessage(t, s, step.address, at(step.hour))
		wantAddressRow(t, s, step.want)
	}
	if err := s.Exec(t.Context(), "UPDATE conversation SET seen = 0"); err != nil {
		t.Fatal(err)
	}
	appendMessage(t, s, "C1", at(126))
	wantAddressRow(t, s, "C1 0") // it was not looked at
}

// More conversations than are remembered keep their addresses.
func TestConversationsBeyondTheCache(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir())
	defer mustClose(t, s)
	for round := range 2 {
		var es []channels.Event
		for i := range 3 * sqlite.MaxAddresses {
			m := channels.Message{Channel: "web", Sender: fmt.Sprint(i), Address: fmt.Sprint(round, i), Received: time.Now()}
			es = append(es, journal.MessageEvent(&m))
		}
		if err := s.AppendEvents(t.Context(), es...); err != nil {
			t.Fatal(err)
		}
		for i := range 3 * sqlite.MaxAddresses {
			c := channels.Conversation{Channel: "web", Sender: fmt.Sprint(i)}
			if got, _, err := s.Address(t.Context(), c); got != fmt.Sprint(round, i) || err != nil {
				t.Fatalf("the address of %d is %q, error %v", i, got, err)
			}
		}
	}
	if n := s.CachedAddresses(); n > 2*sqlite.MaxAddresses {
		t.Errorf("%d conversations are remembered", n)
	}
}

// What is remembered of a conversation ends with its row: deleted, too old, or written by a
// transaction that did not commit.
func TestConversationIsWrittenAgain(t *testing.T) {
	t.Parallel()
	ann := channels.Conversation{Channel: "web", Sender: "ann"}
	for name, lose := range map[string]func(context.Context, *sqlite.Store) error{
		"forgotten": func(ctx context.Context, s *sqlite.Store) error {
			_, err := s.Forget(ctx, ann)
			return err
		},
		"swept": func(ctx context.Context, s *sqlite.Store) error {
			_, err := s.Sweep(ctx, 100)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t, t.TempDir())
			defer mustClose(t, s)
			long := time.Now().Add(-2 * journal.DefaultRetention)
			appendMessage(t, s, "C1", long)
			if err := lose(t.Context(), s); err != nil {
				t.Fatal(err)
			}
			if _, known, err := s.Address(t.Context(), ann); known || err != nil {
				t.Fatalf("the address is known %t, error %v", known, err)
			}
			appendMessage(t, s, "C1", long)
			if got, known, err := s.Address(t.Context(), ann); got != "C1" || !known || err != nil {
				t.Errorf("the address is %q, known %t, error %v", got, known, err)
			}
		})
	}
	t.Run("rolled back", func(t *testing.T) {
		t.Parallel()
		s := open(t, t.TempDir())
		defer mustClose(t, s)
		const refuse = `CREATE TRIGGER refuse BEFORE INSERT ON event WHEN new.sender = 'bob' BEGIN SELECT RAISE(ABORT, 'no'); END`
		if err := s.Exec(t.Context(), refuse); err != nil {
			t.Fatal(err)
		}
		m := channels.Message{Channel: "web", Sender: "ann", Address: "C1", Received: time.Now()}
		gap := channels.Event{Kind: channels.EventGap, Channel: "web", Sender: "bob"}
		if err := s.AppendEvents(t.Context(), journal.MessageEvent(&m), gap); err == nil {
			t.Fatal("the transaction was committed")
		}
		appendMessage(t, s, "C1", time.Now())
		if got, known, err := s.Address(t.Context(), ann); got != "C1" || !known || err != nil {
			t.Errorf("the address is %q, known %t, error %v", got, known, err)
		}
	})
}
