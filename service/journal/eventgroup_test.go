package journal_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// eventOf returns an event of a message of ann's; the first letter of the kind stands for it.
func eventOf(kind byte, id string) channels.Event {
	kinds := map[byte]channels.EventKind{
		'm': channels.EventMessage, 'r': channels.EventReply, 'f': channels.EventFailed, 'g': channels.EventGap,
	}
	return channels.Event{
		Kind: kinds[kind], Channel: "web", Sender: "ann", MessageID: id, Reason: string(kind) + id,
		Time: time.UnixMicro(1_700_000_000_000_001).UTC(),
	}
}

// A row begins with a message or a reply and goes on with what belongs to the same message.
func TestGroupEvents(t *testing.T) {
	t.Parallel()
	many := eventOf('r', "1")
	for name, c := range map[string]struct {
		events string // pairs of a kind and a message
		want   []int  // sizes
	}{
		"none":                         {"", nil},
		"a turn":                       {"m1r1r1f1", []int{4}},
		"two turns":                    {"m1r1m2r2", []int{2, 2}},
		"turns side by side":           {"m1m2r1r2", []int{1, 1, 1, 1}},
		"the rest of a turn":           {"r1f1", []int{2}},
		"a message begins a row":       {"r1m1r1", []int{1, 2}},
		"what is neither stands alone": {"f1r1g1f1", []int{1, 3}},
		"a message again begins anew":  {"m1r1m1r1", []int{2, 2}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var es []channels.Event
			for i := 0; i < len(c.events); i += 2 {
				es = append(es, eventOf(c.events[i], c.events[i+1:i+2]))
			}
			var got []int
			for _, group := range journal.GroupEvents(es) {
				got = append(got, len(group))
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("sizes (-want +got):\n%s", diff)
			}
		})
	}
	elsewhere := many
	elsewhere.Sender = "bob"
	if groups := journal.GroupEvents([]channels.Event{many, elsewhere}); len(groups) != 2 {
		t.Errorf("messages of the same id of two conversations are %d rows", len(groups))
	}
	var long []channels.Event
	for range 250 {
		long = append(long, many)
	}
	if groups := journal.GroupEvents(long); len(groups) != 3 || len(groups[0]) != 100 {
		t.Errorf("250 replies are %d rows, the first of %d", len(groups), len(groups[0]))
	}
}

// The events of a row come back, and what reads one event of it gets the first.
func TestEventGroupRoundTrip(t *testing.T) {
	t.Parallel()
	m := channels.Message{Channel: "web", Sender: "ann", ID: "1", Text: "hi", Metadata: json.RawMessage(`{"a": 1.0}`)}
	message, reply, failed := eventOf('m', "1"), eventOf('r', "1"), eventOf('f', "1")
	message.Message, reply.Replies = &m, []channels.Reply{{Text: "hello", Custom: json.RawMessage(`null`)}}
	want := []channels.Event{message, reply, failed}
	rows, err := journal.EncodeEventGroups(want, false)
	if err != nil || len(rows) != 1 || rows[0].Further != 2 {
		t.Fatalf("rows %+v, error %v", rows, err)
	}
	columns := eventOf('m', "1")
	columns.Reason, columns.Cursor = "", 12
	for i := range want {
		want[i].Cursor = int64(10 + i)
	}
	if diff := cmp.Diff(want, journal.DecodeEvents(rows[0].Body, columns, 2)); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	first := columns
	journal.DecodeEvent(rows[0].Body, &first)
	want[0].Cursor = 12
	if diff := cmp.Diff(want[0], first); diff != "" {
		t.Errorf("the first event (-want +got):\n%s", diff)
	}
	if got := journal.DecodeEvents([]byte("{"), columns, 2); len(got) != 1 || got[0].Reason == "" {
		t.Errorf("of a row that can't be read come %+v", got)
	}
}
