package channels_test

import (
	"encoding/json"
	"testing"

	"github.com/manyvox/manyvox/channels"
)

// A card's JSON has its keys in the order in which it was read. What was set since then follows.
func TestElementKeepsItsOrder(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		`{"title":"a","subtitle":"b","buttons":[],"x":1,"y":2}`:          "",
		`{"title":"a","image_url":"i","subtitle":"b","buttons":[{}]}`:    "",
		`{"y":2,"buttons":[{"payload":"/p","title":"t"}],"title":"a"}`:   "",
		`{"x":1,"subtitle":"b"}`:                                         `{"x":1,"subtitle":"b","title":""}`,
		`{"x":1,"title":null,"subtitle":"","buttons":null}`:              `{"x":1,"title":""}`,
		` { "x" : 1 , "title" : "a", "x": 2 } `:                          `{"x":2,"title":"a"}`,
		`{"image_url":"i","title":"a","default_action":{"b":1,"a":[2]}}`: "",
	} {
		if want == "" {
			want = in
		}
		var e channels.Element
		if err := e.UnmarshalJSON([]byte(in)); err != nil {
			t.Fatal(err)
		}
		if got, err := e.MarshalJSON(); err != nil || string(got) != want {
			t.Errorf("%s became %s, %v, want %s", in, got, err, want)
		}
	}
	var e channels.Element
	if err := e.UnmarshalJSON([]byte(`{"x":1,"title":"a"}`)); err != nil {
		t.Fatal(err)
	}
	e.Title, e.Subtitle, e.Extra = "A", "b", map[string]json.RawMessage{"y": json.RawMessage("2")}
	if got, err := e.MarshalJSON(); err != nil || string(got) != `{"title":"A","subtitle":"b","y":2}` {
		t.Errorf("changed: %s, %v", got, err)
	}
	var usual channels.Element
	if err := usual.UnmarshalJSON([]byte(`{"title":"a","buttons":[]}`)); err != nil || usual.Keys != nil {
		t.Errorf("the usual order is kept: %q, %v", usual.Keys, err)
	}
}
