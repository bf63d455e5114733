package sqlite_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/journaltest"
	"github.com/manyvox/manyvox/service/journal/sqlite"
)

// Once all was answered and the store is closed, nothing that was written is left in
// the file when no text is to be kept.
func TestTextless(t *testing.T) {
	t.Parallel()
	const secret = "a word that is nowhere else"
	for name, c := range map[string]struct {
		options sqlite.Options
		left    bool
	}{
		"text":    {sqlite.Options{}, true},
		"no text": {sqlite.Options{Textless: true}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			s, err := sqlite.Open(t.Context(), dir, c.options)
			if err != nil {
				t.Fatal(err)
			}
			put(t, s, entryOf("ann", "1", secret))
			turn := next(t, s, "1")
			step := journal.Step{
				Parts: []channels.Part{{Channel: "web", Sender: "ann", ID: "p", Reply: channels.Reply{Text: secret}}},
				Events: []channels.Event{{
					Kind: channels.EventReply, Channel: "web", Sender: "ann", Replies: []channels.Reply{{Text: secret}},
				}},
				End: ended(journal.OutcomeDone),
			}
			if err := s.Settle(t.Context(), turn.Claim, step); err != nil {
				t.Fatal(err)
			}
			s.OpenOutbox(journaltest.Slots("web"))
			d, err := s.NextPart(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if err := s.SettlePart(t.Context(), d.Claim, journal.PartOutcome{Sent: true}); err != nil {
				t.Fatal(err)
			}
			mustClose(t, s)
			for file := range files(t, dir) {
				content, err := os.ReadFile(filepath.Join(dir, file))
				if err != nil {
					t.Fatal(err)
				}
				if file == "journal.db" && bytes.Contains(content, []byte(secret)) != c.left {
					t.Errorf("%s holds the text: %v, want %v", file, !c.left, c.left)
				}
			}
		})
	}
}
