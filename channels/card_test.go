package channels_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
)

func TestCards(t *testing.T) {
	t.Parallel()
	extra := map[string]json.RawMessage{"button_type": json.RawMessage(`"reply"`)}
	yes := []channels.Button{{Title: "Yes"}}
	r := channels.Reply{RecipientID: "ann", Extra: extra, Elements: []channels.Element{
		{Title: "Rome", Subtitle: "warm", Buttons: yes, Extra: map[string]json.RawMessage{"image_url": json.RawMessage(`"https://x.test/rome.png"`)}},
		{Title: "Oslo", Subtitle: "cold", Buttons: []channels.Button{}, Extra: map[string]json.RawMessage{"image_url": json.RawMessage(`7`)}},
	}}
	want := []channels.Reply{
		{RecipientID: "ann", Image: "https://x.test/rome.png", Extra: extra},
		{RecipientID: "ann", Text: "Rome : warm", Buttons: yes, Extra: extra},
		{RecipientID: "ann", Text: "Oslo : cold", Extra: extra},
	}
	var got []channels.Reply
	for _, p := range channels.FitCards(channels.Part{Reply: r}, func(p channels.Part) []channels.Part { return []channels.Part{p} }) {
		got = append(got, p.Reply)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestExtraText(t *testing.T) {
	t.Parallel()
	r := channels.Reply{Extra: map[string]json.RawMessage{"a": json.RawMessage(`"x"`), "b": json.RawMessage(`7`)}}
	for key, want := range map[string]string{"a": "x", "b": "", "c": ""} {
		if got := r.ExtraText(key); got != want {
			t.Errorf("%s: %q", key, got)
		}
	}
}

func TestFitCards(t *testing.T) {
	t.Parallel()
	cards := channels.Part{Sender: "ann", Reply: channels.Reply{Elements: []channels.Element{{Title: "Rome", Subtitle: "warm"}, {Title: "Oslo", Subtitle: "cold"}}}}
	text := channels.Part{Sender: "ann", Reply: channels.Reply{Text: "hi"}}
	twice := func(p channels.Part) []channels.Part { return []channels.Part{p, p} }
	var got []string
	for _, p := range append(channels.FitCards(cards, twice), channels.FitCards(text, twice)...) {
		got = append(got, p.Sender+": "+p.Reply.Text)
	}
	want := []string{"ann: Rome : warm", "ann: Rome : warm", "ann: Oslo : cold", "ann: Oslo : cold", "ann: hi", "ann: hi"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
