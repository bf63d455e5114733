package channels_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/channels/channeltest"
)

// TestBody is the table of bodies that Rasa's REST channel takes, and what the
// message then is.
func TestBody(t *testing.T) {
	t.Parallel()
	hi := channels.Message{Sender: "ann", Text: "hi"}
	withMetadata := func(raw string) channels.Message {
		m := hi
		m.Metadata = json.RawMessage(raw)
		return m
	}
	var cases []channeltest.Case
	for _, c := range []struct {
		name, body string
		want       channels.Message
	}{
		{"usual", `{"sender":"ann","message":"hi"}`, hi},
		{"white space around", "\r\n {\"sender\":\"ann\",\"message\":\"hi\"}\n", hi},
		{"other keys", `{"sender":"ann","message":"hi","text":"no","Sender":"bob","stream":true}`, hi},
		{"the last of equal keys", `{"sender":"bob","message":"no","sender":"ann","message":"hi"}`, hi},
		{"escapes", `{"sender":"\u0061nn","mess\u0061ge":"hi"}`, hi},
		{"no sender", `{"message":"hi"}`, channels.Message{Text: "hi"}},
		{"sender null", `{"sender":null,"message":"hi"}`, channels.Message{Text: "hi"}},
		{"sender empty", `{"sender":"","message":"hi"}`, channels.Message{Text: "hi"}},
		{"sender a number", `{"sender":123,"message":"hi"}`, channels.Message{Sender: "123", Text: "hi"}},
		{"sender a negative number", `{"sender":-1.50,"message":"hi"}`, channels.Message{Sender: "-1.50", Text: "hi"}},
		{"sender true", `{"sender":true,"message":"hi"}`, channels.Message{Sender: "True", Text: "hi"}},
		{"sender false", `{"sender":false,"message":"hi"}`, channels.Message{Sender: "False", Text: "hi"}},
		{"message empty", `{"sender":"ann","message":""}`, channels.Message{Sender: "ann"}},
		{"message of spaces", `{"sender":"ann","message":"  "}`, channels.Message{Sender: "ann", Text: "  "}},
		{"a byte order mark", "\ufeff {\"sender\":\"ann\",\"message\":\"hi\"}", channels.Message{Sender: "ann", Text: "hi"}},
		{"half a surrogate pair", `{"sender":"ann","message":"\ud800"}`, channels.Message{Sender: "ann", Text: "\ufffd"}},
		{"input_channel", `{"sender":"ann","message":"hi","input_channel":"web"}`, channels.Message{Sender: "ann", Text: "hi", InputChannel: "web"}},
		{"input_channel null", `{"sender":"ann","message":"hi","input_channel":null}`, hi},
		{"input_channel empty", `{"sender":"ann","message":"hi","input_channel":""}`, hi},
		{"input_channel 0", `{"sender":"ann","message":"hi","input_channel":0}`, hi},
		{"input_channel an empty list", `{"sender":"ann","message":"hi","input_channel":[ ]}`, hi},
		{"metadata null", `{"sender":"ann","message":"hi","metadata":null}`, hi},
		{"metadata text", `{"sender":"ann","message":"hi","metadata":"x"}`, withMetadata(`"x"`)},
		{"metadata false", `{"sender":"ann","message":"hi","metadata":false}`, withMetadata(`false`)},
		{"metadata a list", `{"sender":"ann","message":"hi","metadata":[1,[ ]]}`, withMetadata(`[1,[ ]]`)},
		{
			"metadata kept value for value",
			`{"sender":"ann","message":"hi","metadata":{"z":9007199254740993,"a":1.10,"e":"\u00e9\/<&>","twice":1,"twice":2}}`,
			withMetadata(`{"z":9007199254740993,"a":1.10,"e":"\u00e9\/<&>","twice":1,"twice":2}`),
		},
		{"message_id", `{"sender":"ann","message":"hi","message_id":"m1"}`, channels.Message{Sender: "ann", Text: "hi", ID: "m1"}},
		{"message_id a number", `{"sender":"ann","message":"hi","message_id":1e3}`, channels.Message{Sender: "ann", Text: "hi", ID: "1e3"}},
		{
			"attachments alone",
			`{"sender":"ann","attachments":[{"type":"image","url":"https://x/y","mime":"image/png","name":"y","size":7,"alt":"?"}]}`,
			channels.Message{Sender: "ann", Attachments: []channels.Attachment{
				{Type: "image", URL: "https://x/y", MIME: "image/png", Name: "y", Size: 7},
			}},
		},
		{
			"attachments with ref and content",
			`{"sender":"ann","attachments":[{"type":"file","ref":"F1"},{"type":"image","content":"aGk/Pg=="},{"content":"aGk_Pg"}]}`,
			channels.Message{Sender: "ann", Attachments: []channels.Attachment{
				{Type: "file", Ref: "F1"}, {Type: "image", Content: []byte("hi?>")}, {Content: []byte("hi?>")},
			}},
		},
		{"attachments null", `{"sender":"ann","message":"hi","attachments":null}`, hi},
	} {
		cases = append(cases, channeltest.Case{Name: c.name, Body: c.body, Asked: []channels.Message{c.want}, Answer: "[]"})
	}
	channeltest.Inbound(t, channels.Webhook{}, cases)
}

func TestBodyRefused(t *testing.T) {
	t.Parallel()
	const example = `expected a JSON object such as {\"sender\":\"me\",\"message\":\"hi\"}`
	const noMessage = `key \"message\" is missing: expected the user's text, which may be empty`
	var cases []channeltest.Case
	for _, c := range []struct{ name, body, message string }{
		{"nothing", "", "the body is empty: " + example},
		{"white space", " \n", "the body is empty: " + example},
		{"null", "null", "the body is not a JSON object but null"},
		{"a list", "[]", "the body is not a JSON object but a list"},
		{"a string", `"hi"`, "the body is not a JSON object but a string"},
		{"a number", "-5", "the body is not a JSON object but a number"},
		{"true", "true", "the body is not a JSON object but true or false"},
		{"half an object", `{"message":"hi"`, "the body is not JSON: unexpected end of JSON input at byte 15"},
		{"two objects", `{} {}`, "the body is not JSON: invalid character '{' after top-level value at byte 4"},
		{"a form", "message=hi", "the body is not JSON: invalid character 'm' looking for beginning of value at byte 1"},
		{"two byte order marks", "\ufeff\ufeff{}", "the body is not JSON: invalid character 'ï' looking for beginning of value at byte 1"},
		{"not UTF-8", "{\"message\":\"\xff\"}", "the body is not UTF-8"},
		{"deep nesting", `{"message":"hi","metadata":` + strings.Repeat("[", 20_000), "the body is not JSON: invalid character '[' exceeded max depth at byte 10027"},
		{"no message", `{"sender":"ann"}`, noMessage},
		{"message null", `{"message":null}`, noMessage},
		{"no message and no attachment", `{"attachments":[ ]}`, noMessage},
		{"message a number", `{"message":5}`, `key \"message\": expected a string, not a number`},
		{"message false", `{"message":false}`, `key \"message\": expected a string, not true or false`},
		{"message an object", `{"message":{}}`, `key \"message\": expected a string, not an object`},
		{"sender a list", `{"sender":[],"message":"hi"}`, `key \"sender\": expected a string or a number, not a list`},
		{"sender an object", `{"sender":{"id":1},"message":"hi"}`, `key \"sender\": expected a string or a number, not an object`},
		{"input_channel a number", `{"input_channel":5,"message":"hi"}`, `key \"input_channel\": expected a string, not a number`},
		{"message_id a list", `{"message_id":["a"],"message":"hi"}`, `key \"message_id\": expected a string or a number, not a list`},
		{"attachments a number", `{"message":"hi","attachments":5}`, `key \"attachments\": expected a list`},
		{"an attachment's size", `{"message":"hi","attachments":[{"size":1.5}]}`, `key \"attachments[0].size\": expected a whole number`},
		{"an attachment's url", `{"message":"hi","attachments":[{"url":{}}]}`, `key \"attachments[0].url\": expected a string`},
		{"an attachment's ref", `{"message":"hi","attachments":[{},{"ref":5}]}`, `key \"attachments[1].ref\": expected a string`},
		{"an attachment's content", `{"message":"hi","attachments":[{"content":"a b"}]}`, `key \"attachments[0].content\": expected a string of base64`},
		{"too much padding", `{"message":"hi","attachments":[{"content":"aGk==="}]}`, `key \"attachments[0].content\": expected a string of base64`},
		{"a content that is a list", `{"message":"hi","attachments":[{"content":[104]}]}`, `key \"attachments[0].content\": expected a string`},
		{"an attachment that is none", `{"message":"hi","attachments":["https://x/y"]}`, `key \"attachments[0]\": expected an object`},
	} {
		cases = append(cases, channeltest.Case{
			Name: c.name, Body: c.body, Status: http.StatusBadRequest,
			Answer: `{"error":{"code":"invalid_argument","message":"` + c.message + `"}}`,
		})
	}
	cases = append(cases, channeltest.Case{
		Name: "over the limit", Body: `{"message":"` + strings.Repeat("a", 1<<20) + `"}`,
		Status: http.StatusRequestEntityTooLarge,
		Answer: `{"error":{"code":"too_large","message":"the body is larger than 1048576 bytes"}}`,
	})
	channeltest.Inbound(t, channels.Webhook{}, cases)
}

func TestReadBodyFails(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		err  error
		want string
		code channels.Code
	}{
		{"the service's word", channels.Errorf(channels.CodeUnavailable, "no gzip today"), "no gzip today", channels.CodeUnavailable},
		{"too large", &http.MaxBytesError{Limit: 5}, "the body is larger than 5 bytes", channels.CodeTooLarge},
		{"cut off", io.ErrUnexpectedEOF, "the body ends before its announced length", channels.CodeInvalid},
		{"any other", errors.New("read tcp 10.0.0.7: reset"), "the body cannot be read", channels.CodeInvalid},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			body := io.MultiReader(strings.NewReader(`{"message":`), iotest.ErrReader(c.err))
			_, err := channels.ReadBody(httptest.NewRequest(http.MethodPost, "/webhook", body))
			if e := channels.AsError(err); e.Message != c.want || e.Code != c.code {
				t.Errorf("%s: %s, want %s: %s", e.Code, e.Message, c.code, c.want)
			}
		})
	}
}
