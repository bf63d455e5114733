package telegram_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/channels/channeltest"
)

func TestSendFails(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		description string
		code        int
		parameters  object
		want        channels.SendError // but for Err
	}{
		{"Unauthorized", 401, nil, channels.SendError{Class: channels.SendUnauthorized, Code: "401"}},
		{"Not Found", 404, nil, channels.SendError{Class: channels.SendUnauthorized, Code: "404"}},
		{"Forbidden: bot was blocked by the user", 403, nil, channels.SendError{Class: channels.SendGone, Code: "bot_blocked"}},
		{"Forbidden: user is deactivated", 403, nil, channels.SendError{Class: channels.SendGone, Code: "user_deactivated"}},
		{"Forbidden: something new", 403, nil, channels.SendError{Class: channels.SendGone, Code: "403"}},
		{"Bad Request: chat not found", 400, nil, channels.SendError{Class: channels.SendGone, Code: "chat_not_found"}},
		{"Bad Request: TOPIC_CLOSED", 400, nil, channels.SendError{Class: channels.SendGone, Code: "topic_closed"}},
		{"Bad Request: Not enough rights to send text messages to the chat", 400, nil, channels.SendError{Class: channels.SendGone, Code: "no_rights"}},
		{"Bad Request: message is too long", 400, nil, channels.SendError{Class: channels.SendRejected, Code: "too_long"}},
		{"Bad Request: BUTTON_DATA_INVALID", 400, nil, channels.SendError{Class: channels.SendRejected, Code: "button_data"}},
		{`Bad Request: something "s3cr3t text" new`, 400, nil, channels.SendError{Class: channels.SendRejected, Code: "400"}},
		{
			"Too Many Requests: retry after 7", 429, object{"retry_after": 7},
			channels.SendError{Class: channels.SendThrottled, Code: "429", RetryAfter: 7 * time.Second},
		},
		{"Internal Server Error: restart", 500, nil, channels.SendError{Class: channels.SendUnavailable, Code: "500"}},
		{"Bad Gateway", 502, nil, channels.SendError{Class: channels.SendUnavailable, Code: "502"}},
		{"Bad Request: sent message was immediately deleted and can't be returned", 400, nil, channels.SendError{Class: channels.SendUnknown, Code: "deleted_at_once"}},
	} {
		t.Run(c.description, func(t *testing.T) {
			t.Parallel()
			channel, s := onFake(t, polling)
			s.Fail("sendMessage", c.code, c.description, c.parameters)
			_, err := deliver(t, channel, "4201", channels.Reply{Text: "s3cr3t text"})
			var got *channels.SendError
			if !errors.As(err, &got) {
				t.Fatal(err)
			}
			if text := err.Error(); strings.Contains(text, "s3cr3t") || strings.Contains(text, token) {
				t.Errorf("the error tells %s", text)
			}
			plain := *got
			plain.Err = nil
			if diff := cmp.Diff(c.want, plain); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// TestSendMarkupRefused sends the text once more, without markup.
func TestSendMarkupRefused(t *testing.T) {
	t.Parallel()
	channel, s := onFake(t, polling)
	s.Fail("sendMessage", 400, `Bad Request: can't parse entities: Unsupported start tag "x" at byte offset 3`, nil)
	text := channels.Reply{Text: "**a** & [b](https://x.test/?a=1&b=2)", Format: channels.FormatMarkdown}
	if _, err := deliver(t, channel, "4201", text); err != nil {
		t.Fatal(err)
	}
	calls := s.Calls()
	if last := calls[len(calls)-1].Args; last["text"] != "a & b (https://x.test/?a=1&b=2)" || last["parse_mode"] != nil {
		t.Errorf("%v", last)
	}
}

// TestSendMigrated follows a group that has become a supergroup, and remembers it.
func TestSendMigrated(t *testing.T) {
	t.Parallel()
	channel, s := onFake(t, polling)
	channel.Inbound(&channeltest.Inbox{})
	s.Migrate(-5, -1005)
	for range 2 {
		if _, err := deliver(t, channel, "-5", channels.Reply{Text: "a"}); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(s.Calls()); n != 3 {
		t.Errorf("%d calls", n)
	}
	chat := s.Chat(-1005)
	if diff := cmp.Diff([]string{"a", "a"}, chat.Texts()); diff != "" {
		t.Error(diff)
	}
}

// TestSendUnfetched gives the reader the address of a file that Telegram cannot fetch.
func TestSendUnfetched(t *testing.T) {
	t.Parallel()
	channel, s := onFake(t, polling)
	s.Fail("sendVideo", 400, "Bad Request: failed to get HTTP URL content", nil)
	if _, err := deliver(t, channel, "4201", channels.Reply{Attachment: json.RawMessage(`{"type":"video","url":"https://x.test/v"}`)}); err != nil {
		t.Fatal(err)
	}
	chat := s.Chat(4201)
	if diff := cmp.Diff([]string{"https://x.test/v"}, chat.Texts()); diff != "" {
		t.Error(diff)
	}
}

// TestOutbound has the exact requests, and answers that are not the Bot API's.
func TestOutbound(t *testing.T) {
	t.Parallel()
	say := "POST /bot" + token + `/sendMessage {"chat_id":4201,"text":"<hi> & é"}`
	hi := channels.Reply{Text: "<hi> & é"}
	failed := func(name string, answer http.HandlerFunc, want channels.SendError) channeltest.Sent {
		return channeltest.Sent{Name: name, Sender: "4201", Reply: hi, Answers: []http.HandlerFunc{answer}, Calls: []string{say}, Err: &want}
	}
	hung := func(w http.ResponseWriter, _ *http.Request) { panic(http.ErrAbortHandler) }
	channeltest.Outbound(t, typ(), polling+local, []channeltest.Sent{
		{
			Name: "taken", Sender: "4201", Reply: hi, Calls: []string{say}, Receipt: "5",
			Answers: []http.HandlerFunc{channeltest.Answer(200, `{"ok":true,"result":{"message_id":5,"date":1}}`)},
		},
		{
			Name: "migrated", Sender: "-5", Reply: hi, Receipt: "6",
			Answers: []http.HandlerFunc{
				channeltest.Answer(400, `{"ok":false,"error_code":400,"description":"Bad Request: group chat was upgraded to a supergroup chat","parameters":{"migrate_to_chat_id":-1005}}`),
				channeltest.Answer(200, `{"ok":true,"result":{"message_id":6}}`),
			},
			Calls: []string{strings.Replace(say, "4201", "-5", 1), strings.Replace(say, "4201", "-1005", 1)},
		},
		failed("a proxy's page", channeltest.Answer(502, "<html>bad gateway</html>"), channels.SendError{Class: channels.SendUnavailable, Code: "502"}),
		failed("a page with status 200", channeltest.Answer(200, "<html>welcome</html>"), channels.SendError{Class: channels.SendUnknown}),
		failed("another JSON", channeltest.Answer(200, `{"a":1}`), channels.SendError{Class: channels.SendUnknown}),
		failed("a redirect", channeltest.Answer(302, ""), channels.SendError{Class: channels.SendRejected, Code: "302"}),
		failed("no answer", hung, channels.SendError{Class: channels.SendUnknown}),
		failed("an echo of the token", channeltest.Answer(400, `{"ok":false,"error_code":400,"description":"Bad Request: `+token+` is odd"}`), channels.SendError{Class: channels.SendRejected, Code: "400"}),
	})
}
