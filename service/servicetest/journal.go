package servicetest

import (
	"testing"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// KeepOpen returns the journal with a Close that does nothing, so that it outlives a
// service.
func KeepOpen(j journal.Journal) journal.Journal { return keptOpen{j} }

type keptOpen struct{ journal.Journal }

func (keptOpen) Close() error { return nil }

// Events returns all events of a journal.
func Events(t *testing.T, j journal.Journal) []channels.Event {
	t.Helper()
	page, err := j.Events(t.Context(), journal.EventFilter{}, -1, 1000)
	if err != nil {
		t.Fatal(err)
	}
	return page.Events
}
