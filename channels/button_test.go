package channels_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/manyvox/manyvox/channels"
)

func TestButtonLabel(t *testing.T) {
	t.Parallel()
	link := map[string]json.RawMessage{"url": json.RawMessage(`"https://x.test"`)}
	for _, x := range []struct {
		button channels.Button
		want   string
	}{
		{channels.Button{Title: "Yes", Payload: "/yes"}, "Yes"},
		{channels.Button{Payload: "/yes"}, "/yes"},
		{channels.Button{Extra: link}, "https://x.…"},
		{channels.Button{Title: strings.Repeat("é", 11)}, strings.Repeat("é", 11)},
		{channels.Button{Title: strings.Repeat("é", 12)}, strings.Repeat("é", 10) + "…"},
		{channels.Button{}, ""},
	} {
		if got := x.button.Label(11); got != x.want {
			t.Errorf("%+v: %q, want %q", x.button, got, x.want)
		}
	}
}

func TestButtonValue(t *testing.T) {
	t.Parallel()
	link := channels.Button{Title: "Site", Extra: map[string]json.RawMessage{"url": json.RawMessage(`"https://x.test"`)}}
	for _, x := range []struct {
		button channels.Button
		unit   channels.Unit
		want   string
	}{
		{channels.Button{Title: "Yes", Payload: "/yes"}, channels.UnitRunes, "/yes"},
		{channels.Button{Title: "Yes"}, channels.UnitRunes, "Yes"},
		{channels.Button{Payload: "ééééé"}, channels.UnitRunes, "ééééé"},
		{channels.Button{Payload: "ééééé"}, channels.UnitBytes, channels.ChoiceKey("ééééé")},
		{link, channels.UnitRunes, ""},
	} {
		if got := x.button.Value(5, x.unit); got != x.want {
			t.Errorf("%+v: %q, want %q", x.button, got, x.want)
		}
		if got := channels.NeedChoices([]channels.Button{link, x.button}, 5, x.unit); got != (x.want == channels.ChoiceKey("ééééé")) {
			t.Errorf("%+v: choices are needed: %v", x.button, got)
		}
	}
}

// A title or a payload that is no string, as Rasa lets an action send it, is shown as text where a
// platform knows nothing else.
func TestButtonOfNumbers(t *testing.T) {
	t.Parallel()
	var b channels.Button
	if err := b.UnmarshalJSON([]byte(`{"title":1,"payload":2.50}`)); err != nil || b.Title != "1" || b.Payload != "2.50" {
		t.Errorf("%+v, %v", b, err)
	}
	for _, wrong := range []string{`{"title":["a"]}`, `{"title":{"a":1}}`} {
		if err := b.UnmarshalJSON([]byte(wrong)); err == nil {
			t.Errorf("%s is a button: %+v", wrong, b)
		}
	}
}

// A button's JSON is written as it was read: which keys there are, in which order. What was set
// since then follows.
func TestButtonKeepsItsJSON(t *testing.T) {
	t.Parallel()
	for _, same := range []string{
		`{"title":"Yes","payload":"/yes"}`, `{"payload":"/yes","title":"Yes"}`, `{"title":"Yes","payload":""}`, `{"title":"Yes"}`,
		`{"payload":"/yes"}`, `{}`, `{"title":null}`, `{"title":"Yes","payload":null}`, `{"title":"Yes","b":1,"a":[2.0,{"d":1,"c":2}]}`,
		`{"a":1,"title":"Yes","payload":"/yes"}`, `{"title":""}`, `{"title":1,"payload":2.50}`, `{"payload":true,"title":"Yes"}`, `{"title":"Yes","payload":{"b":1,"a":[2]}}`,
	} {
		var b channels.Button
		if err := b.UnmarshalJSON([]byte(same)); err != nil {
			t.Fatal(err)
		}
		if got, err := b.MarshalJSON(); err != nil || string(got) != same {
			t.Errorf("%s became %s, %v", same, got, err)
		}
	}
	var b channels.Button
	if err := b.UnmarshalJSON([]byte(` { "z" : 1, "x": 2, "z" : 3, "payload": "" } `)); err != nil {
		t.Fatal(err)
	}
	if got, err := b.MarshalJSON(); err != nil || string(got) != `{"z":3,"x":2,"payload":""}` {
		t.Errorf("a key that came twice: %s, %v", got, err)
	}
	b.Title, b.Payload, b.Extra = "No", "/no", map[string]json.RawMessage{"y": json.RawMessage("4"), "x": json.RawMessage("5")}
	if got, err := b.MarshalJSON(); err != nil || string(got) != `{"x":5,"payload":"/no","title":"No","y":4}` {
		t.Errorf("changed: %s, %v", got, err)
	}
	b.Keys = nil
	if got, err := b.MarshalJSON(); err != nil || string(got) != `{"title":"No","payload":"/no","x":5,"y":4}` {
		t.Errorf("the usual form: %s, %v", got, err)
	}
}
