package slack_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/channels/channeltest"
)

// cases signs the bodies of a table.
func cases(list []channeltest.Case) []channeltest.Case {
	for i := range list {
		c := &list[i]
		header := signed(time.Now(), c.Body)
		for name, value := range c.Header {
			header[name] = value
		}
		c.Header = header
	}
	return list
}

// event is an event in a private conversation with Ina, mention one in a channel.
func event(content string) string {
	return envelope(`"channel":"D0AAA1","channel_type":"im",` + content)
}

func group(content string) string {
	return envelope(`"channel":"C0AAA1","channel_type":"channel",` + content)
}

func envelope(content string) string {
	return `{"type":"event_callback","team_id":"T0AAA1","authorizations":[{"team_id":"T0AAA1","user_id":"U0BOT1","is_bot":true}],` +
		`"event":{"user":"U0AAA1","ts":"1.000100",` + content + `}}`
}

// said is a message of Ina's, with what is special of it.
func said(text string, change ...func(*channels.Message, object)) []channels.Message {
	m := channels.Message{ID: "T0AAA1/D0AAA1/1.000100", Sender: "U0AAA1", Text: text, Address: "D0AAA1//U0AAA1/T0AAA1/"}
	metadata := object{"kind": "message"}
	for _, f := range change {
		f(&m, metadata)
	}
	channel, _, _ := strings.Cut(m.Address, "/")
	thread := "1.000100"
	if own, ok := metadata["thread_id"].(string); ok {
		thread = own
	}
	m.Metadata = json.RawMessage(`{"out_channel":"` + channel + `","thread_id":"` + thread + `","users":["U0BOT1"],"kind":"message","team":"T0AAA1","user":"U0AAA1","ts":"1.000100"}`)
	return []channels.Message{m}
}

// in has the message come from another channel, and go to a thread of it.
func in(channel, thread string) func(*channels.Message, object) {
	return func(m *channels.Message, _ object) {
		m.ID = strings.Replace(m.ID, "D0AAA1", channel, 1)
		m.Address = channel + "/" + thread + "/U0AAA1/T0AAA1/"
	}
}

// ofThread has it be of a thread.
func ofThread(ts string) func(*channels.Message, object) {
	return func(_ *channels.Message, o object) { o["thread_id"] = ts }
}

func with(a ...channels.Attachment) func(*channels.Message, object) {
	return func(m *channels.Message, _ object) { m.Attachments = a }
}

func TestInboundEvents(t *testing.T) {
	t.Parallel()
	pdf := channels.Attachment{Type: "file", Ref: "F1", MIME: "application/pdf", Name: "a.pdf", Size: 1200}
	channeltest.Inbound(t, channeltest.Open(t, typ(), webhook), cases([]channeltest.Case{
		{Name: "challenge", Body: `{"type":"url_verification","token":"x","challenge":"c1"}`, Answer: `{"challenge":"c1"}`, AnswerHeader: map[string]string{"Content-Type": "application/json"}},
		{Name: "text", Body: event(`"type":"message","text":"Hello &amp; hi <https://ex.test|ex.test>"`), Posted: said("Hello & hi ex.test")},
		{Name: "with a slash", Target: "/webhook/", Body: event(`"type":"message","text":"a"`), Posted: said("a")},
		{Name: "in a thread", Body: event(`"type":"message","text":"a","thread_ts":"0.5"`), Posted: said("a", in("D0AAA1", "0.5"), ofThread("0.5"))},
		{
			Name: "files", Posted: said("", with(pdf, channels.Attachment{Type: "image", Ref: "F2", MIME: "image/png"}, channels.Attachment{Type: "file", Ref: "F3"})),
			Body: event(`"type":"message","subtype":"file_share","text":"","files":[{"id":"F1","name":"a.pdf","mimetype":"application/pdf","size":1200},` +
				`{"id":"F2","mimetype":"image/png","size":-1},{"id":"F3","mode":"file_access"},{"mode":"tombstone"}]`),
		},
		{Name: "to the channel too", Body: event(`"type":"message","subtype":"thread_broadcast","text":"a"`), Posted: said("a")},
		{Name: "me", Body: event(`"type":"message","subtype":"me_message","text":"a"`), Posted: said("a")},
		{Name: "mention", Body: group(`"type":"app_mention","text":"<@U0BOT1> when?"`), Posted: said("when?", in("C0AAA1", ""))},
		{Name: "mention in a thread", Body: group(`"type":"app_mention","text":"<@U0BOT1> a","thread_ts":"0.5"`), Posted: said("a", in("C0AAA1", ""), ofThread("0.5"))},
		{Name: "mention of nothing", Body: group(`"type":"app_mention","text":"<@U0BOT1>"`), Logged: []channels.Verdict{channels.VerdictIgnored}},
		{Name: "not addressed", Body: group(`"type":"message","text":"hi all"`), Logged: []channels.Verdict{channels.VerdictIgnored}},
		{Name: "of several people", Body: strings.Replace(event(`"type":"message","text":"a"`), `"im"`, `"mpim"`, 1)},
		{Name: "no text", Body: event(`"type":"message","text":" "`), Logged: []channels.Verdict{channels.VerdictIgnored}},
		{Name: "somebody joined", Body: event(`"type":"message","subtype":"channel_join","text":"<@U0AAA1> has joined"`), Logged: []channels.Verdict{channels.VerdictIgnored}},
		{Name: "the root of an assistant's thread", Body: event(`"type":"message","subtype":"assistant_app_thread","text":"New"`)},
		{Name: "a bot", Body: event(`"type":"message","text":"a","bot_id":"B1"`), Logged: []channels.Verdict{channels.VerdictIgnored}},
		{Name: "a bot's subtype", Body: event(`"type":"message","subtype":"bot_message","text":"a","streaming_state":"in_progress"`)},
		{Name: "ourselves", Body: strings.Replace(event(`"type":"message","text":"a"`), `"user":"U0AAA1"`, `"user":"U0BOT1"`, 1)},
		{Name: "nobody", Body: strings.Replace(event(`"type":"message","text":"a"`), `"user":"U0AAA1",`, "", 1)},
		{Name: "too many", Body: payload(t, "app_rate_limited"), Logged: []channels.Verdict{channels.VerdictIgnored}},
		{Name: "a kind of the future", Body: envelope(`"type":"telepathy","channel":{"id":"C1"}`), Logged: []channels.Verdict{channels.VerdictIgnored}},
		{Name: "another type of envelope", Body: `{"type":"x"}`, Logged: []channels.Verdict{channels.VerdictIgnored}},
		{Name: "fields of other types", Body: `{"type":[],"event":5}`, Logged: []channels.Verdict{channels.VerdictIgnored}},
		{Name: "a deletion", Body: payload(t, "message_deleted"), Logged: []channels.Verdict{channels.VerdictIgnored}},
		{Name: "a link that looks like a check", Body: event(`"type":"message","text":"a","blocks":[{"url":"https://x.test/?a&ssl_check=1"}]`), Posted: said("a")},
		{Name: "a check of the certificate", Header: map[string]string{"X-Slack-Signature": ""}, Body: "ssl_check=1&token=x", Logged: []channels.Verdict{}},
	}))
}

// TestInboundKeys has what the keys of the block change.
func TestInboundKeys(t *testing.T) {
	t.Parallel()
	edit := payload(t, "message_changed")
	unfurl := strings.Replace(edit, `"old"`, `"new"`, 1)
	for _, x := range []struct{ name, keys, body, text, sender, address string }{
		{"slack_channel", "slack_channel: C0AAA1", group(`"type":"message","text":"hi all"`), "hi all", "U0AAA1", "C0AAA1//U0AAA1/T0AAA1/"},
		{"another slack_channel", "slack_channel: C9", group(`"type":"message","text":"hi all"`), "", "", ""},
		{"use_threads", "use_threads: true", event(`"type":"message","text":"a"`), "a", "U0AAA1", "D0AAA1/1.000100/U0AAA1/T0AAA1/"},
		{"channel", "conversation_granularity: channel", event(`"type":"message","text":"a"`), "a", "U0AAA1_D0AAA1", "D0AAA1//U0AAA1/T0AAA1/"},
		{"thread", "conversation_granularity: thread", event(`"type":"message","text":"a"`), "a", "U0AAA1_D0AAA1_1.000100", "D0AAA1//U0AAA1/T0AAA1/"},
		{"our team", "team: T0AAA1", event(`"type":"message","text":"a"`), "a", "U0AAA1", "D0AAA1//U0AAA1/T0AAA1/"},
		{"a foreign team", "team: T9", event(`"type":"message","text":"a"`), "", "", ""},
		{"an edit", "slack_channel: C0AAA1", edit, "", "", ""},
		{"edited_messages", "slack_channel: C0AAA1\nedited_messages: true", edit, "new", "U0AAA1", "C0AAA1//U0AAA1/T0AAA1/"},
		{"a link that is shown", "slack_channel: C0AAA1\nedited_messages: true", unfurl, "", "", ""},
		{"an edit of a bot's", "slack_channel: C0AAA1\nedited_messages: true", strings.Replace(edit, `"message":{`, `"message":{"bot_id":"B1",`, 1), "", "", ""},
	} {
		t.Run(x.name, func(t *testing.T) {
			t.Parallel()
			var got channels.Message
			for _, got = range posted(t, webhook+"\n"+x.keys, x.body) {
			}
			if got.Text != x.text || got.Sender != x.sender || got.Address != x.address {
				t.Errorf("posted %+v", got)
			}
		})
	}
}

// TestInboundMention has the two events of a mention be one turn, where both are turns.
func TestInboundMention(t *testing.T) {
	t.Parallel()
	block := webhook + "\nslack_channel: C0AAA1"
	message := posted(t, block, group(`"type":"message","text":"<@U0BOT1> when?"`))
	mention := posted(t, block, group(`"type":"app_mention","text":"<@U0BOT1> when?"`))
	if diff := cmp.Diff(message, mention); diff != "" || len(mention) != 1 {
		t.Errorf("%d messages: %s", len(mention), diff)
	}
}

// TestInboundShared has a shared channel: who writes is of another workspace, and the event is
// ours.
func TestInboundShared(t *testing.T) {
	t.Parallel()
	body := `{"type":"event_callback","team_id":"T9","context_team_id":"T0AAA1","authorizations":[{"team_id":"T0AAA1","user_id":"U0BOT1","is_bot":true}],` +
		`"event":{"type":"app_mention","channel":"C0AAA1","user":"U9","user_team":"E9","team":"T9","text":"a","ts":"1.0001"}}`
	got := posted(t, webhook+"\nteam: T0AAA1", body)
	if len(got) != 1 || got[0].Address != "C0AAA1//U9/E9/" || got[0].ID != "T0AAA1/C0AAA1/1.0001" {
		t.Errorf("%+v", got)
	}
}

// TestInboundRetries stores what Slack delivers again, whatever the keys about that say: the first
// one may have been lost.
func TestInboundRetries(t *testing.T) {
	t.Parallel()
	for name, keys := range map[string]string{
		"default": "", "None": "errors_ignore_retry: None", "null": "errors_ignore_retry: null", "a word": "errors_ignore_retry: http_error",
		"a list": "errors_ignore_retry: [http_timeout, ssl_error]", "headers": "slack_retry_reason_header: x-why\nslack_retry_number_header: x-often",
	} {
		body, in := event(`"type":"message","text":"a"`), &channeltest.Inbox{}
		header := signed(time.Now(), body)
		for _, name := range []string{"X-Slack-Retry-Reason", "X-Why"} {
			header[name] = "http_timeout"
		}
		header["X-Slack-Retry-Num"], header["X-Often"] = "1", "1"
		w := postWith(channeltest.Open(t, typ(), webhook+"\n"+keys).Inbound(in), body, header)
		if w.Code != http.StatusOK || len(in.Posted()) != 1 {
			t.Errorf("%s: status %d, %d messages", name, w.Code, len(in.Posted()))
		}
	}
}

// TestInboundRefused acknowledges what can never be stored, and nothing else.
func TestInboundRefused(t *testing.T) {
	t.Parallel()
	body := event(`"type":"message","text":"a"`)
	for code, want := range map[channels.Code]int{channels.CodeInvalid: 200, channels.CodeUnavailable: 503, channels.CodeRateLimited: 503} {
		in := &channeltest.Inbox{Err: channels.Errorf(code, "no")}
		if w := post(channeltest.Open(t, typ(), webhook).Inbound(in), body); w.Code != want {
			t.Errorf("%v: status %d", code, w.Code)
		}
	}
	get := httptest.NewRequest(http.MethodGet, "/webhook", nil)
	for name, value := range signed(time.Now(), "") {
		get.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	channeltest.Open(t, typ(), webhook).Inbound(&channeltest.Inbox{}).ServeHTTP(w, get)
	if w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != http.MethodPost {
		t.Errorf("GET: status %d", w.Code)
	}
}
