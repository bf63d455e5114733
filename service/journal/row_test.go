package journal_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

func TestEncodeEvents(t *testing.T) {
	t.Parallel()
	m := fullMessage()
	events := []channels.Event{
		journal.MessageEvent(&m),
		{Kind: channels.EventReply, Channel: "web", Sender: "ann", Replies: []channels.Reply{fullReply()}},
	}
	for name, textless := range map[string]bool{"text": false, "no text": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rows, err := journal.EncodeEvents(events, textless)
			if err != nil {
				t.Fatal(err)
			}
			for i, row := range rows {
				if diff := cmp.Diff(events[i], row.Event); diff != "" {
					t.Errorf("event (-want +got):\n%s", diff)
				}
				want := events[i]
				if textless {
					want = want.WithoutText()
				}
				got := channels.Event{
					Kind: want.Kind, Channel: want.Channel, Sender: want.Sender, MessageID: want.MessageID, Time: want.Time,
				}
				journal.DecodeEvent(row.Body, &got)
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("body (-want +got):\n%s", diff)
				}
			}
		})
	}
}

func TestAddressOf(t *testing.T) {
	t.Parallel()
	m := fullMessage()
	e := journal.MessageEvent(&m)
	if address, ok := journal.AddressOf(&e); address != m.Address || !ok {
		t.Errorf("a message's address is %q, %v", address, ok)
	}
	for _, e := range []channels.Event{{Kind: channels.EventMessage}, {Kind: channels.EventReply, Message: &m}} {
		if address, ok := journal.AddressOf(&e); address != "" || ok {
			t.Errorf("the address of %+v is %q, %v", e, address, ok)
		}
	}
}

func TestDecodeDeadLetter(t *testing.T) {
	t.Parallel()
	c := channels.Conversation{Channel: "web", Sender: "ann"}
	m, p := fullMessage(), channels.Part{ID: "p", Channel: "web", Sender: "ann", Reply: fullReply()}
	body, err := journal.EncodeMessage(m)
	if err != nil {
		t.Fatal(err)
	}
	partBody, err := journal.EncodePart(p)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		body   []byte
		isPart bool
		kind   string
		want   journal.DeadLetter
	}{
		"message":         {body, false, journal.KindFailed, journal.DeadLetter{Kind: journal.KindFailed, Message: &m}},
		"part":            {partBody, true, journal.KindUndelivered, journal.DeadLetter{Kind: journal.KindUndelivered, Part: &p}},
		"damaged message": {[]byte("{"), false, journal.KindFailed, journal.DeadLetter{Kind: journal.KindUnreadable, Message: &channels.Message{Channel: c.Channel, Sender: c.Sender}}},
		"damaged part":    {[]byte("{"), true, journal.KindUndelivered, journal.DeadLetter{Kind: journal.KindUnreadable, Part: &channels.Part{Channel: c.Channel, Sender: c.Sender}}},
		"known to be so":  {body, false, journal.KindUnreadable, journal.DeadLetter{Kind: journal.KindUnreadable, Message: &channels.Message{Channel: c.Channel, Sender: c.Sender}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := journal.DeadLetter{Kind: c.kind}
			journal.DecodeDeadLetter(c.body, c.isPart, channels.Conversation{Channel: "web", Sender: "ann"}, &got)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("dead letter (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPageOf(t *testing.T) {
	t.Parallel()
	list := []channels.Event{{Cursor: 3}, {Cursor: 5}, {Cursor: 8}}
	for name, c := range map[string]struct {
		list          []channels.Event
		full          bool
		after, newest int64
		limit         int
		want          journal.EventPage
	}{
		"all":                   {list, false, 2, 9, 3, journal.EventPage{Events: list, Next: 9}},
		"more":                  {list, false, 2, 9, 2, journal.EventPage{Events: list[:2], Next: 5, More: true}},
		"a limit of none":       {list[:1], false, 2, 9, 0, journal.EventPage{Events: list[:0], Next: 2, More: true}},
		"beyond the newest":     {nil, false, 20, 9, 2, journal.EventPage{Next: 20}},
		"full before the limit": {list[:2], true, 2, 9, 3, journal.EventPage{Events: list[:2], Next: 5, More: true}},
		"full, and the list begins before the cursor": {list[:2], true, 3, 9, 3, journal.EventPage{Events: list[1:2], Next: 5, More: true}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, journal.PageOf(c.list, c.full, c.after, c.newest, c.limit)); diff != "" {
				t.Errorf("page (-want +got):\n%s", diff)
			}
		})
	}
}

func TestStepReplies(t *testing.T) {
	t.Parallel()
	s := journal.Step{Events: []channels.Event{{Kind: channels.EventReply}, {Kind: channels.EventMessage}, {Kind: channels.EventReply}}}
	if n := s.Replies(); n != 2 {
		t.Errorf("%d replies, want 2", n)
	}
}
