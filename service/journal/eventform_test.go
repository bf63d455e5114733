package journal_test

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// formed are fields that are no member of the form but say which members there are:
// TestEventFormKeepsTheJSON has them.
var formed = map[string]bool{"Keys": true, "NoText": true}

// filled sets every exported field of a value, also of those inside, so that a field that is
// added one day is seen by the tests.
func filled(v reflect.Value) {
	switch v.Interface().(type) {
	case json.RawMessage:
		v.SetBytes([]byte(`{"a":"<é>"}`))
		return
	case time.Time:
		v.Set(reflect.ValueOf(time.Date(2026, 1, 2, 3, 4, 5, 678_900_000, time.FixedZone("", 3600))))
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		filled(v.Elem())
	case reflect.Struct:
		for t, f := range v.Fields() {
			if f.CanSet() && !formed[t.Name] {
				filled(f)
			}
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		filled(v.Index(0))
		filled(v.Index(1))
	case reflect.Map:
		element := reflect.New(v.Type().Elem()).Elem()
		filled(element)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(reflect.ValueOf("extra"), element)
	case reflect.String:
		v.SetString("\"<é>\\\x01" + v.Type().Name())
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(7)
	}
}

func filledEvent() (e channels.Event) {
	filled(reflect.ValueOf(&e).Elem())
	e.Message.Hops = "" // of use until the message is answered
	for i := range e.Message.Attachments {
		e.Message.Attachments[i].Content = nil // the door has made a ref of it
	}
	return e
}

// The form is written as encoding/json writes the records, whatever the fields hold.
func TestEventForm(t *testing.T) {
	t.Parallel()
	m, long := fullMessage(), time.Date(12026, 1, 1, 0, 0, 0, 0, time.UTC)
	late := m
	late.Received = long
	for name, row := range map[string][]channels.Event{
		"all fields":      {filledEvent()},
		"not UTF-8":       {{Message: &channels.Message{Text: "a\xff\xfe"}, Reason: "\xff", Replies: []channels.Reply{{Text: "\u2028"}}}},
		"no fields":       {{}},
		"message":         {{Kind: channels.EventMessage, Message: &m}},
		"empty message":   {{Message: &channels.Message{}}},
		"empty lists":     {{Message: &channels.Message{Metadata: json.RawMessage{}, Attachments: []channels.Attachment{}}, Replies: []channels.Reply{}}},
		"replies":         {{Replies: []channels.Reply{fullReply(), {}, {Text: "two\n"}}}},
		"a turn":          {{Message: &m}, filledEvent(), {Kind: channels.EventFailed, Reason: "gone"}},
		"year 12026":      {{Message: &late}},
		"not JSON":        {{Replies: []channels.Reply{{Extra: map[string]json.RawMessage{"a": json.RawMessage("{")}}}}},
		"further no JSON": {{}, {Replies: []channels.Reply{{Extra: map[string]json.RawMessage{"a": json.RawMessage("{")}}}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want, wantErr := journal.ReflectedForm(row)
			rows, err := journal.EncodeEventRow(row)
			if (err != nil) != (wantErr != nil) {
				t.Fatalf("error %v, encoding/json's %v", err, wantErr)
			}
			if diff := cmp.Diff(string(want), string(rows)); diff != "" && err == nil {
				t.Errorf("form (-want +got):\n%s", diff)
			}
		})
	}
}

// What an event holds is all in its form, but for what has a column of its own.
func TestEventFormIsWhole(t *testing.T) {
	t.Parallel()
	want := filledEvent()
	rows, err := journal.EncodeEvents([]channels.Event{want}, false)
	if err != nil {
		t.Fatal(err)
	}
	got := want
	got.Message, got.Replies, got.Part, got.Receipt, got.Reason = nil, nil, "", "", ""
	journal.DecodeEvent(rows[0].Body, &got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("what was read (-want +got):\n%s", diff)
	}
}

// What says how a reply's JSON looks is kept by that JSON.
func TestEventFormKeepsTheJSON(t *testing.T) {
	t.Parallel()
	var want channels.Reply
	if err := want.UnmarshalJSON([]byte(`{"buttons":[{"url":"u","payload":"","title":"Go"}]}`)); err != nil {
		t.Fatal(err)
	}
	if !want.NoText || len(want.Buttons[0].Keys) != 3 {
		t.Fatalf("read %+v", want)
	}
	rows, err := journal.EncodeEvents([]channels.Event{{Replies: []channels.Reply{want}}}, false)
	if err != nil {
		t.Fatal(err)
	}
	var got channels.Event
	journal.DecodeEvent(rows[0].Body, &got)
	if diff := cmp.Diff([]channels.Reply{want}, got.Replies); diff != "" {
		t.Errorf("what was read (-want +got):\n%s", diff)
	}
}

// Bodies of many rows share memory; none writes into another.
func TestEventFormsStandApart(t *testing.T) {
	t.Parallel()
	var es []channels.Event
	for i := range 300 {
		es = append(es, channels.Event{Kind: channels.EventSent, Reason: string(make([]byte, i*11%997))})
	}
	rows, err := journal.EncodeEvents(es, false)
	if err != nil {
		t.Fatal(err)
	}
	for i := range rows {
		_ = append(rows[i].Body, "spoilt"...)
	}
	for i := range rows {
		want, err := journal.ReflectedForm(es[i : i+1])
		if diff := cmp.Diff(string(want), string(rows[i].Body)); diff != "" || err != nil {
			t.Fatalf("form %d (-want +got), error %v:\n%s", i, err, diff)
		}
	}
}
