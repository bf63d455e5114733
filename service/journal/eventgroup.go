package journal

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/manyvox/manyvox/channels"
)

// maxGroup is how many events one row holds at most.
const maxGroup = 100

// GroupEvents splits events into those that a store keeps as one row each: consecutive ones
// of one message. A row begins with each event of a message, and goes on only when it has
// begun with one or with a reply, so that a row with any of these is found by the kind of
// its first event.
func GroupEvents(es []channels.Event) (groups [][]channels.Event) {
	from := 0
	for i := range es {
		if i > from && !goesOn(&es[from], &es[i], i-from) {
			groups, from = append(groups, es[from:i]), i
		}
	}
	if len(es) > 0 {
		groups = append(groups, es[from:])
	}
	return groups
}

// goesOn reports whether an event goes into the row of first, which has so many.
func goesOn(first, e *channels.Event, count int) bool {
	begins := first.Kind == channels.EventMessage || first.Kind == channels.EventReply
	return begins && e.Kind != channels.EventMessage && count < maxGroup &&
		e.MessageID == first.MessageID && e.Conversation() == first.Conversation()
}

// furtherRecord is an event of a row behind the first, as it is stored.
type furtherRecord struct {
	Kind channels.EventKind `json:"kind"`
	// Time is in microseconds since 1970.
	Time int64 `json:"time"`
	eventRecord
}

// groupRecord is what a row of several events holds. What reads one event reads the first.
type groupRecord struct {
	eventRecord
	Further []furtherRecord `json:"further"`
}

// EncodeEventGroups returns the rows of events that are kept in groups: see GroupEvents.
func EncodeEventGroups(es []channels.Event, textless bool) ([]EventRow, error) {
	return encodeRows(GroupEvents(es), textless)
}

// HistoryOf returns the last n messages and replies of rows, of which the newest comes first;
// the result begins with the oldest.
func HistoryOf(rows [][]channels.Event, n int) (history []channels.Event) {
	for _, row := range rows {
		for _, e := range slices.Backward(row) {
			if len(history) < n && (e.Kind == channels.EventMessage || e.Kind == channels.EventReply) {
				history = append(history, e)
			}
		}
	}
	slices.Reverse(history)
	return history
}

// DecodeEvents returns the events of a row that has so many further ones. First has what has
// a column of its own, and the row's cursor, which is that of the last.
func DecodeEvents(body []byte, first channels.Event, further int) []channels.Event {
	last := first.Cursor
	first.Cursor = last - int64(further)
	DecodeEvent(body, &first)
	all := []channels.Event{first}
	if further == 0 {
		return all
	}
	var r groupRecord
	if json.Unmarshal(body, &r) != nil {
		return all // the first says that it can't be read
	}
	for i := range r.Further {
		f := &r.Further[i]
		e := channels.Event{
			Cursor: first.Cursor + int64(i) + 1, Kind: f.Kind, Channel: first.Channel, Sender: first.Sender,
			MessageID: first.MessageID, Time: time.UnixMicro(f.Time).UTC(),
		}
		f.addTo(&e)
		all = append(all, e)
	}
	return all
}
