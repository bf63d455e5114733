package telegram_test

import (
	"context"
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/channels/telegram/telegramtest"
)

// onFake opens a channel on a fake in which Ina (4201) and a group (-5) have written.
func onFake(t testing.TB, block string) (channel, *telegramtest.Server) {
	t.Helper()
	s, url := fake(t, telegramtest.Options{})
	s.Say(4201, "hi")
	s.SayIn(-5, 4201, "hi")
	return open(t, block+"\napi_base_url: "+url), s
}

// fake serves a fake until the test ends.
func fake(t testing.TB, o telegramtest.Options) (*telegramtest.Server, string) {
	t.Helper()
	o.Token = token
	s := telegramtest.New(o)
	server := httptest.NewServer(s)
	t.Cleanup(func() { s.Close(); server.Close() })
	return s, server.URL
}

// deliver fits a reply and sends its parts, as the service does.
func deliver(t testing.TB, c channel, sender string, r channels.Reply) (receipts []channels.Receipt, err error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), waitTimeout)
	defer cancel()
	for _, p := range c.Fit(channels.Part{ID: "p", Channel: "telegram", Sender: sender, Reply: r}) {
		receipt, err := c.Send(ctx, p)
		if err != nil {
			return receipts, err
		}
		receipts = append(receipts, receipt)
	}
	return receipts, nil
}

const waitTimeout = 2 * time.Minute

func extra(name, value string) map[string]json.RawMessage {
	return map[string]json.RawMessage{name: json.RawMessage(value)}
}

// call is one that a test expects.
type call struct {
	method string
	args   map[string]any
}

// object is JSON.
type object = map[string]any

func inline(rows ...[]any) object {
	list := []any{}
	for _, row := range rows {
		list = append(list, row)
	}
	return object{"inline_keyboard": list}
}

func TestSend(t *testing.T) {
	t.Parallel()
	yesNo := []channels.Button{{Title: "Yes", Payload: "/yes"}, {Title: "No", Payload: "/no"}}
	yes, no := object{"text": "Yes", "callback_data": "/yes"}, object{"text": "No", "callback_data": "/no"}
	long := strings.Repeat("x", 65)
	ina := func(args object) object { args["chat_id"] = 4201.0; return args }
	for _, c := range []struct {
		name  string
		reply channels.Reply
		want  []call
	}{
		{"text, without parse_mode", channels.Reply{Text: "<b> *a* & b"}, []call{{"sendMessage", ina(object{"text": "<b> *a* & b"})}}},
		{
			"Markdown", channels.Reply{Text: "**a** <b>", Format: channels.FormatMarkdown},
			[]call{{"sendMessage", ina(object{"text": "<b>a</b> &lt;b&gt;", "parse_mode": "HTML"})}},
		},
		{
			"buttons are inline", channels.Reply{Text: "?", Buttons: yesNo},
			[]call{{"sendMessage", ina(object{"text": "?", "reply_markup": inline([]any{yes, no})})}},
		},
		{
			"quick replies", channels.Reply{Text: "?", QuickReplies: yesNo},
			[]call{{"sendMessage", ina(object{"text": "?", "reply_markup": inline([]any{yes, no})})}},
		},
		{
			"vertical", channels.Reply{Text: "?", Buttons: yesNo, Extra: extra("button_type", `"vertical"`)},
			[]call{{"sendMessage", ina(object{"text": "?", "reply_markup": inline([]any{yes}, []any{no})})}},
		},
		{
			"reply", channels.Reply{Text: "?", Buttons: yesNo, Extra: extra("button_type", `"reply"`)},
			[]call{{"sendMessage", ina(object{"text": "?", "reply_markup": object{
				"keyboard": []any{[]any{object{"text": "Yes"}}, []any{object{"text": "No"}}}, "one_time_keyboard": true,
			}})}},
		},
		{
			"unknown button_type", channels.Reply{Text: "?", Buttons: yesNo, Extra: extra("button_type", `7`)},
			[]call{{"sendMessage", ina(object{"text": "?", "reply_markup": inline([]any{yes, no})})}},
		},
		{
			"a long payload, a link and an empty title",
			channels.Reply{Buttons: []channels.Button{{Title: "L", Payload: long}, {Title: "W", Extra: extra("url", `"https://x.test"`)}, {Payload: "p"}, {}}},
			[]call{{"sendMessage", ina(object{"text": "…", "reply_markup": inline([]any{
				object{"text": "L", "callback_data": channels.ChoiceKey(long)}, object{"text": "W", "url": "https://x.test"}, object{"text": "p", "callback_data": "p"},
			})})}},
		},
		{"image", channels.Reply{Image: "https://x.test/a.png"}, []call{{"sendPhoto", ina(object{"photo": "https://x.test/a.png"})}}},
		{
			"attachment", channels.Reply{Attachment: json.RawMessage(`{"type":"audio","payload":{"src":"https://x.test/a.mp3"}}`)},
			[]call{{"sendAudio", ina(object{"audio": "https://x.test/a.mp3"})}},
		},
		{"attachment that is an address", channels.Reply{Attachment: json.RawMessage(`"https://x.test/a"`)}, []call{{"sendDocument", ina(object{"document": "https://x.test/a"})}}},
		{"attachment that is none", channels.Reply{Attachment: json.RawMessage(`{"a":1}`)}, []call{{"sendMessage", ina(object{"text": `Attachment: {"a":1}`})}}},
		{
			"elements", channels.Reply{Elements: []channels.Element{
				{Title: "A", Subtitle: "a", Buttons: yesNo[:1], Extra: extra("image_url", `"https://x.test/a.png"`)}, {Title: "B", Subtitle: "b"},
			}},
			[]call{
				{"sendPhoto", ina(object{"photo": "https://x.test/a.png"})},
				{"sendMessage", ina(object{"text": "A : a", "reply_markup": inline([]any{yes})})},
				{"sendMessage", ina(object{"text": "B : b"})},
			},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			channel, s := onFake(t, polling)
			receipts, err := deliver(t, channel, "4201", c.reply)
			if err != nil {
				t.Fatal(err)
			}
			check(t, s, c.want)
			for _, r := range receipts {
				if r.ID == "" || r.Time.IsZero() {
					t.Errorf("receipt %+v", r)
				}
			}
		})
	}
}

// check compares the calls that were made.
func check(t *testing.T, s *telegramtest.Server, want []call) {
	t.Helper()
	var got []call
	for _, c := range s.Calls() {
		got = append(got, call{c.Method, c.Args})
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(call{})); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestSendCustom makes each of Rasa's calls.
func TestSendCustom(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, custom, method, args string }{
		{"text", `{"text":"<b>a</b>","parse_mode":"HTML"}`, "sendMessage", `{"text":"<b>a</b>","parse_mode":"HTML"}`},
		{"the first of several", `{"text":"a","photo":"p"}`, "sendMessage", `{"text":"a"}`},
		{"photo", `{"photo":"p","caption":"c","unknown":1}`, "sendPhoto", `{"photo":"p","caption":"c"}`},
		{"audio", `{"audio":"a","title":null}`, "sendAudio", `{"audio":"a"}`},
		{"document", `{"document":"a"}`, "sendDocument", `{"document":"a"}`},
		{"sticker", `{"sticker":"a"}`, "sendSticker", `{"sticker":"a"}`},
		{"video", `{"video":"a"}`, "sendVideo", `{"video":"a"}`},
		{"video_note", `{"video_note":"a"}`, "sendVideoNote", ""},
		{"animation", `{"animation":"a"}`, "sendAnimation", `{"animation":"a"}`},
		{"voice", `{"voice":"a"}`, "sendVoice", `{"voice":"a"}`},
		{"media", `{"media":[{"type":"photo","media":"a"}]}`, "sendMediaGroup", `{"media":[{"type":"photo","media":"a"}]}`},
		{"venue", `{"latitude":1.5,"longitude":2,"title":"t","address":"a"}`, "sendVenue", `{"latitude":1.5,"longitude":2,"title":"t","address":"a"}`},
		{"location", `{"latitude":1.5,"longitude":2}`, "sendLocation", `{"latitude":1.5,"longitude":2}`},
		{"contact", `{"phone_number":"+1","first_name":"I"}`, "sendContact", `{"phone_number":"+1","first_name":"I"}`},
		{"game", `{"game_short_name":"g"}`, "sendGame", ""},
		{"action", `{"action":"upload_photo"}`, "sendChatAction", `{"action":"upload_photo"}`},
		{"invoice", `{"title":"t","description":"d","payload":"p","currency":"EUR","prices":[]}`, "sendInvoice", ""},
		{"to another chat", `{"text":"a","chat_id":"-5"}`, "sendMessage", `{"text":"a","chat_id":"-5"}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			channel, s := onFake(t, polling)
			_, err := deliver(t, channel, "4201", channels.Reply{Custom: json.RawMessage(c.custom)})
			calls := s.Calls()
			if len(calls) != 1 || calls[0].Method != c.method {
				t.Fatalf("calls %v, error %v", calls, err)
			}
			if c.args == "" { // what the fake does not show
				return
			}
			want := object{"chat_id": 4201.0}
			if json.Unmarshal([]byte(c.args), &want) != nil || err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, calls[0].Args); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
	for _, custom := range []string{`{"kind":"weather"}`, `[1]`, `"text"`, `{"latitude":1}`, `{"text":null}`} {
		channel, s := onFake(t, polling)
		_, err := deliver(t, channel, "4201", channels.Reply{Custom: json.RawMessage(custom)})
		if e := channels.AsSendError(err); err == nil || e.Class != channels.SendRejected || len(s.Calls()) > 0 {
			t.Errorf("%s: error %v, calls %v", custom, err, s.Calls())
		}
	}
}

func TestSendUploads(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, address, method, field, file, data string }{
		{"png", "data:image/png;base64,iVBO", "sendPhoto", "photo", "file.png", "\x89\x50\x4e"},
		{"gif", "data:image/gif;base64,R0lG", "sendAnimation", "animation", "file.gif", "GIF"},
		{"svg", "data:image/svg+xml,%3Csvg/%3E", "sendDocument", "document", "file.svg", "<svg/>"},
		{"unpadded base64url", "data:image/webp;base64,-_8", "sendPhoto", "photo", "file.webp", "\xfb\xff"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			channel, s := onFake(t, polling)
			if _, err := deliver(t, channel, "4201", channels.Reply{Image: c.address}); err != nil {
				t.Fatal(err)
			}
			calls := s.Calls()
			want := map[string]telegramtest.File{c.field: {Name: c.file, Data: []byte(c.data)}}
			if calls[0].Method != c.method || cmp.Diff(want, calls[0].Files) != "" || calls[0].Args["chat_id"] != 4201.0 {
				t.Errorf("%+v", calls[0])
			}
		})
	}
	channel, s := onFake(t, polling)
	for _, address := range []string{"data:image/png;base64,!", "data:image/png", "data:image/png,%zz"} {
		if _, err := deliver(t, channel, "4201", channels.Reply{Image: address}); channels.AsSendError(err).Class != channels.SendRejected {
			t.Errorf("%s: %v", address, err)
		}
	}
	if calls := s.Calls(); len(calls) > 0 {
		t.Errorf("calls %v", calls)
	}
	named := channels.Reply{Attachment: json.RawMessage(`{"type":"file","name":"a.txt","url":"data:text/plain,a%20b"}`)}
	if _, err := deliver(t, channel, "4201", named); err != nil {
		t.Fatal(err)
	}
	if got := s.Calls()[0].Files["document"]; got.Name != "a.txt" || string(got.Data) != "a b" {
		t.Errorf("%+v", got)
	}
}

func TestSendTopic(t *testing.T) {
	t.Parallel()
	channel, s := onFake(t, polling)
	s.SayTopic(-6, 77, 4201, "/a")
	if _, err := deliver(t, channel, "-6:77", channels.Reply{Text: "a"}); err != nil {
		t.Fatal(err)
	}
	check(t, s, []call{{"sendMessage", object{"chat_id": -6.0, "message_thread_id": 77.0, "text": "a"}}})
}

func TestAddress(t *testing.T) {
	t.Parallel()
	c := open(t, polling)
	for sender, ok := range map[string]bool{
		"4201": true, "-1001": true, "-1001:77": true, "@news": true, "": false, "ina": false, "4201:": false, "4201:x": false, "@": false,
	} {
		if address, err := c.Address(sender); (err == nil) != ok || address != "" {
			t.Errorf("%q: %q, %v", sender, address, err)
		}
	}
	if key := c.RateKey(channels.Part{Sender: "-1001:77"}); key != "-1001" {
		t.Errorf("rate key %q", key)
	}
}
