package slack_test

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/channels/channeltest"
)

// form writes an interaction as Slack posts it.
func form(payload string) string { return url.Values{"payload": {payload}}.Encode() }

// TestInboundInteractions has what each element gives.
func TestInboundInteractions(t *testing.T) {
	t.Parallel()
	for _, x := range []struct{ name, action, want string }{
		{"button", `{"type":"button","value":"/yes"}`, "/yes"},
		{"a link", `{"type":"button","url":"https://ex.test"}`, ""},
		{"icon_button", `{"type":"icon_button","value":"a"}`, "a"},
		{"feedback_buttons", `{"type":"feedback_buttons","value":"good"}`, "good"},
		{"static_select", `{"type":"static_select","selected_option":{"value":"a"}}`, "a"},
		{"cleared", `{"type":"static_select","selected_option":null}`, ""},
		{"select", `{"type":"select","selected_options":[{"value":"a"}]}`, "a"},
		{"overflow", `{"type":"overflow","selected_option":{"value":"a"}}`, "a"},
		{"radio_buttons", `{"type":"radio_buttons","selected_option":{"value":"a"}}`, "a"},
		{"checkboxes", `{"type":"checkboxes","selected_options":[{"value":"a"},{"value":"b"}]}`, "a, b"},
		{"multi_static_select", `{"type":"multi_static_select","selected_options":[{"value":"a"}]}`, "a"},
		{"users_select", `{"type":"users_select","selected_user":"U1"}`, "U1"},
		{"multi_users_select", `{"type":"multi_users_select","selected_users":["U1","U2"]}`, "U1, U2"},
		{"conversations_select", `{"type":"conversations_select","selected_conversation":"C1"}`, "C1"},
		{"channels_select", `{"type":"channels_select","selected_channel":"C1"}`, "C1"},
		{"datepicker", `{"type":"datepicker","selected_date":"2026-11-28"}`, "2026-11-28"},
		{"timepicker", `{"type":"timepicker","selected_time":"20:15"}`, "20:15"},
		{"datetimepicker", `{"type":"datetimepicker","selected_date_time":1790000000}`, "1790000000"},
		{"datetimepicker, cleared", `{"type":"datetimepicker","selected_date_time":null}`, ""},
		{"plain_text_input", `{"type":"plain_text_input","value":"x"}`, "x"},
		{"rich_text_input", `{"type":"rich_text_input","rich_text_value":{"type":"rich_text"}}`, `{"type":"rich_text"}`},
		{"one of the future", `{"type":"telepathy"}`, ""},
	} {
		t.Run(x.name, func(t *testing.T) {
			t.Parallel()
			body := form(`{"type":"block_actions","user":{"id":"U0AAA1"},"team":{"id":"T0AAA1"},"channel":{"id":"C0AAA1"},"message":{"ts":"1.0001"},"actions":[` + x.action + `]}`)
			got := ""
			for _, m := range posted(t, webhook, body) {
				got += m.Text
			}
			if got != x.want {
				t.Errorf("posted %q", got)
			}
		})
	}
}

// TestInboundPayloads has the whole messages of the payloads that Slack documents.
func TestInboundPayloads(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		name, body string
		want       []channels.Message
	}{
		{"button", form(payload(t, `"mv:1"`)), []channels.Message{{
			ID: "T0AAA1/U0AAA1/1790000009.001000/b1/mv:1", Sender: "U0AAA1", Text: "7f3a", Address: "C0AAA1/1790000000.500000/U0AAA1/T0AAA1/",
			Metadata: json.RawMessage(`{"out_channel":"C0AAA1","thread_id":"1790000000.500000","users":["U0AAA1"],"kind":"block_actions","team":"T0AAA1","user":"U0AAA1","user_name":"ina","ts":"1790000008.000900","action":{"action_id":"mv:1","block_id":"b1","type":"button"}}`),
		}}},
		{"menu, for an organisation", form(payload(t, `"mv:s"`)), []channels.Message{{
			ID: "T0AAA1/U0AAA1/1790000010.001100/b2/mv:s", Sender: "U0AAA1", Text: "7f3b", Address: "C0AAA1/1790000008.000900/U0AAA1/T0AAA1/",
			Metadata: json.RawMessage(`{"out_channel":"C0AAA1","thread_id":"1790000008.000900","users":["U0AAA1"],"kind":"block_actions","team":"T0AAA1","user":"U0AAA1","ts":"1790000008.000900","action":{"action_id":"mv:s","block_id":"b2","type":"static_select"}}`),
		}}},
		{"form", form(payload(t, "view_submission")), []channels.Message{{
			ID: "T0AAA1/U0AAA1/V0AAA1/", Sender: "U0AAA1", Text: "cb", Address: "U0AAA1//U0AAA1/T0AAA1/",
			Metadata: json.RawMessage(`{"out_channel":"","thread_id":"","users":["U0AAA1"],"kind":"view_submission","team":"T0AAA1","user":"U0AAA1","callback_id":"cb","view":{"id":"V0AAA1","callback_id":"cb","private_metadata":"","app_installed_team_id":"T0AAA1","state":{"values":{"b":{"a":{"type":"plain_text_input","value":"x"}}}}}}`),
		}}},
		{"shortcut", form(payload(t, `"type":"shortcut"`)), []channels.Message{{
			ID: "T0AAA1/U0AAA1/1790000011.001200/ask", Sender: "U0AAA1", Text: "ask", Address: "U0AAA1//U0AAA1/T0AAA1/",
			Metadata: json.RawMessage(`{"out_channel":"","thread_id":"","users":["U0AAA1"],"kind":"shortcut","team":"T0AAA1","user":"U0AAA1","callback_id":"ask"}`),
		}}},
		{"message shortcut", form(payload(t, "message_action")), []channels.Message{{
			ID: "T0AAA1/U0AAA1/1790000012.001300/sum", Sender: "U0AAA1", Text: "sum", Address: "C0AAA1/1790000001.000200/U0AAA1/T0AAA1/",
			Metadata: json.RawMessage(`{"out_channel":"C0AAA1","thread_id":"1790000001.000200","users":["U0AAA1"],"kind":"message_action","team":"T0AAA1","user":"U0AAA1","ts":"1790000001.000200","callback_id":"sum"}`),
		}}},
		{
			"command", "token=x&team_id=T0AAA1&channel_id=C0AAA1&user_id=U0AAA1&user_name=ina&command=%2Fask&text=h%C3%A9llo+%26lt%3B&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2F3&trigger_id=1.2.d",
			[]channels.Message{{
				ID: "T0AAA1/U0AAA1/1.2.d", Sender: "U0AAA1", Text: "/ask héllo <", Address: "C0AAA1//U0AAA1/T0AAA1/https:%2F%2Fhooks.slack.com%2Fcommands%2F3",
				Metadata: json.RawMessage(`{"out_channel":"C0AAA1","thread_id":"","users":["U0AAA1"],"kind":"slash_command","team":"T0AAA1","user":"U0AAA1","user_name":"ina"}`),
			}},
		},
		{"closed form", form(`{"type":"view_closed","user":{"id":"U1"},"view":{"id":"V1","callback_id":"a"}}`), nil},
		{"nobody", form(`{"type":"block_actions","actions":[{"type":"button","value":"a"}]}`), nil},
		{"of another team", form(strings.ReplaceAll(payload(t, `"mv:1"`), "T0AAA1", "T9")), nil},
		{"a command of another team", "team_id=T9&user_id=U1&command=%2Fa", nil},
		{"a command of nobody", "team_id=T0AAA1&command=%2Fa", nil},
		{"no interaction", form(`{"user":5}`), nil},
	} {
		t.Run(x.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(x.want, posted(t, webhook+"\nteam: T0AAA1\nuse_threads: true", x.body)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// TestInboundSuggestion gives a menu whose options we do not know none.
func TestInboundSuggestion(t *testing.T) {
	t.Parallel()
	h := channeltest.Open(t, typ(), webhook).Inbound(&channeltest.Inbox{})
	if w := post(h, form(`{"type":"block_suggestion","user":{"id":"U1"},"value":"a"}`)); w.Body.String() != `{"options":[]}` {
		t.Errorf("status %d: %s", w.Code, w.Body)
	}
}

// TestInboundSeveral posts the actions of one interaction in their order.
func TestInboundSeveral(t *testing.T) {
	t.Parallel()
	got := posted(t, webhook, form(`{"type":"block_actions","user":{"id":"U1"},"actions":[{"type":"button","action_id":"1","value":"a"},{"type":"button","action_id":"2","value":"b"}]}`))
	if len(got) != 2 || got[0].Text != "a" || got[1].Text != "b" || got[0].ID == got[1].ID {
		t.Errorf("%+v", got)
	}
}
