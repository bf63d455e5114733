package channels_test

import (
	"encoding/json"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
)

// A key has one length and harmless characters, whatever the payload, and is the same in
// every version: users choose from what an earlier one has sent.
func TestChoiceKey(t *testing.T) {
	t.Parallel()
	form := regexp.MustCompile(`^[A-Za-z0-9_-]{16}$`)
	for _, c := range []struct{ payload, want string }{
		{"", "47DEQpj8HBSa-_TI"},
		{"/book", "Up2ZDNGp9hleHUjK"},
		{`/inform{"city":"Zürich"}` + string(make([]byte, 5000)), ""},
	} {
		got := channels.ChoiceKey(c.payload)
		if !form.MatchString(got) || got != channels.ChoiceKey(c.payload) || c.want != "" && got != c.want {
			t.Errorf("the key of %.30q is %q, want %q", c.payload, got, c.want)
		}
	}
	if channels.ChoiceKey("/a") == channels.ChoiceKey("/b") {
		t.Error("two payloads have one key")
	}
}

func choice(title, payload string) channels.Choice {
	return channels.Choice{Key: channels.ChoiceKey(payload), Title: title, Payload: payload}
}

var site = channels.Button{Title: "Site", Extra: map[string]json.RawMessage{"type": json.RawMessage(`"web_url"`), "url": json.RawMessage(`"https://x/"`)}}

func TestReplyChoices(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		reply channels.Reply
		want  []channels.Choice
	}{
		{"a text", channels.Reply{Text: "hi"}, nil},
		{"buttons", channels.Reply{Buttons: []channels.Button{{Title: "Yes", Payload: "/yes"}, {Title: "No", Payload: "/no"}}},
			[]channels.Choice{choice("Yes", "/yes"), choice("No", "/no")}},
		{"quick replies win", channels.Reply{
			QuickReplies: []channels.Button{{Title: "Yes", Payload: "/yes"}}, Buttons: []channels.Button{{Title: "No", Payload: "/no"}},
		}, []channels.Choice{choice("Yes", "/yes")}},
		{"a button without a payload", channels.Reply{Buttons: []channels.Button{{Title: "Yes"}, {}}}, []channels.Choice{choice("Yes", "Yes")}},
		{"a link is none, but with a payload", channels.Reply{Buttons: []channels.Button{
			site, {Title: "Go", Payload: "/go", Extra: site.Extra},
		}}, []channels.Choice{choice("Go", "/go")}},
		{"elements", channels.Reply{Elements: []channels.Element{
			{Buttons: []channels.Button{{Title: "A", Payload: "/a"}}}, {Buttons: []channels.Button{{Title: "B", Payload: "/b"}}},
		}}, []channels.Choice{choice("A", "/a"), choice("B", "/b")}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, c.reply.Choices()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestListChoices(t *testing.T) {
	t.Parallel()
	yes, no := channels.Button{Title: "Yes", Payload: "/yes"}, channels.Button{Title: "No", Payload: "/no"}
	for _, c := range []struct {
		name    string
		reply   channels.Reply
		text    string
		choices []channels.Choice
	}{
		{"buttons", channels.Reply{Text: "Sure?", Buttons: []channels.Button{yes, no}},
			"Sure?\n1. Yes\n2. No", []channels.Choice{choice("Yes", "/yes"), choice("No", "/no")}},
		{"quick replies without a text", channels.Reply{QuickReplies: []channels.Button{yes}}, "1. Yes", []channels.Choice{choice("Yes", "/yes")}},
		{"a link has no number", channels.Reply{Text: "See", Buttons: []channels.Button{site, {Extra: site.Extra}, yes}},
			"See\nSite: https://x/\nhttps://x/\n1. Yes", []channels.Choice{choice("Yes", "/yes")}},
		{"no button", channels.Reply{Text: "hi", Buttons: []channels.Button{}}, "hi", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := channels.Part{ID: "1", Channel: "sms", Sender: "ann", Address: "a", Reply: c.reply}
			want := p
			want.Reply, want.Choices = channels.Reply{Text: c.text}, c.choices
			if diff := cmp.Diff(want, channels.ListChoices(p)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	image := channels.Part{Reply: channels.Reply{Image: "https://x/"}}
	if diff := cmp.Diff(image, channels.ListChoices(image)); diff != "" {
		t.Errorf("an image changes (-want +got):\n%s", diff)
	}
}
