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
