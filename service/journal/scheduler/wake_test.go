package journal_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

func TestLinesWake(t *testing.T) {
	t.Parallel()
	bob := channels.Conversation{Channel: "web", Sender: "bob"}
	later := func(l *journal.Lines[int64], claim journal.Claim) { l.Retry(claim, time.Now().Add(time.Hour)) }
	for name, play := range map[string]func(t *testing.T, l *journal.Lines[int64]){
		"what waits is due": func(t *testing.T, l *journal.Lines[int64]) {
			later(l, expect(t, taking(t.Context(), l), 1))
			got := taking(t.Context(), l)
			waits(t, got)
			l.Wake(ann)
			expect(t, got, 1)
		},
		"what is claimed is due when it is put back": func(t *testing.T, l *journal.Lines[int64]) {
			claim := expect(t, taking(t.Context(), l), 1)
			l.Wake(ann)
			later(l, claim)
			claim = expect(t, taking(t.Context(), l), 1)
			later(l, claim) // this time nobody was woken
			waits(t, taking(t.Context(), l))
			time.Sleep(time.Hour)
		},
		"what stands behind it is not woken": func(t *testing.T, l *journal.Lines[int64]) {
			l.Add(row(ann, 2))
			claim := expect(t, taking(t.Context(), l), 1)
			l.Wake(ann)
			l.Done(claim)
			later(l, expect(t, taking(t.Context(), l), 2))
			waits(t, taking(t.Context(), l))
			time.Sleep(time.Hour)
		},
		"others sleep on": func(t *testing.T, l *journal.Lines[int64]) {
			later(l, expect(t, taking(t.Context(), l), 1))
			l.Wake(bob)
			waits(t, taking(t.Context(), l))
			time.Sleep(time.Hour)
		},
		"a closed channel stays closed": func(t *testing.T, l *journal.Lines[int64]) {
			later(l, expect(t, taking(t.Context(), l), 1))
			l.Open()
			l.Wake(ann)
			got := taking(t.Context(), l)
			waits(t, got)
			l.Open("web")
			expect(t, got, 1)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				l := journal.NewLines[int64](0)
				l.Add(row(ann, 1))
				play(t, l)
				l.Close()
			})
		})
	}
}
