package main_test

import (
	"encoding/json"
	"net/http"
	"testing"

	customchannel "example.com/customchannel"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/channels/channeltest"
)

const hi = `{"from":"ann","text":"hi"}`

// inbound runs cases on a channel with both of its keys.
func inbound(t *testing.T, cases ...channeltest.Case) {
	t.Helper()
	channeltest.Inbound(t, channeltest.Open(t, customchannel.Type(), "username: anyone\nanother_parameter: web"), cases)
}

// taken is a request that is taken, and what it is taken for.
func taken(name, body string, m channels.Message) channeltest.Case {
	return channeltest.Case{Name: name, Body: body, Asked: []channels.Message{m}, Answer: "[]"}
}

func refused(name, body, message string) channeltest.Case {
	return channeltest.Case{
		Name: name, Body: body, Status: http.StatusBadRequest, Answer: `{"error":{"code":"invalid_argument","message":"` + message + `"}}`,
	}
}

func TestSender(t *testing.T) {
	t.Parallel()
	inbound(t,
		taken("from", hi, channels.Message{Sender: "ann", Text: "hi", InputChannel: "web"}),
		taken("a number", `{"from":7,"text":"hi"}`, channels.Message{Sender: "7", Text: "hi", InputChannel: "web"}),
		taken("none", `{"text":"hi","sender":"ann"}`, channels.Message{Sender: "anyone", Text: "hi", InputChannel: "web"}),
		refused("a list", `{"from":[],"text":"hi"}`, `key \"from\": expected a string or a number, not a list`),
	)
}

func TestMessage(t *testing.T) {
	t.Parallel()
	inbound(t,
		taken("text", hi, channels.Message{Sender: "ann", Text: "hi", InputChannel: "web"}),
		taken("nothing in it", `{"from":"ann","text":""}`, channels.Message{Sender: "ann", InputChannel: "web"}),
		refused("none", `{"from":"ann","message":"hi"}`, `key \"text\" is missing`),
		refused("a number", `{"from":"ann","text":5}`, `key \"text\": expected a string, not a number`),
	)
}

func TestInputChannel(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, block, want string }{
		{"another_parameter", "username: anyone\nanother_parameter: some value", "some value"},
		{"none", "username: anyone", ""}, // the service records the instance's own
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			channel := channeltest.Open(t, customchannel.Type(), c.block)
			channeltest.Inbound(t, channel, []channeltest.Case{
				taken("body", `{"from":"ann","text":"hi","input_channel":"x"}`, channels.Message{Sender: "ann", Text: "hi", InputChannel: c.want}),
			})
		})
	}
}

func TestMetadata(t *testing.T) {
	t.Parallel()
	with := func(name, header string, metadata json.RawMessage) channeltest.Case {
		c := taken(name, hi, channels.Message{Sender: "ann", Text: "hi", InputChannel: "web", Metadata: metadata})
		c.Header = map[string]string{"X-Metadata": header}
		return c
	}
	inbound(t,
		with("object", `{"page": 9007199254740993}`, json.RawMessage(`{"page": 9007199254740993}`)),
		with("none", "", nil),
		taken("not the body's", `{"from":"ann","text":"hi","metadata":1}`, channels.Message{Sender: "ann", Text: "hi", InputChannel: "web"}),
	)
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	collected := taken("collected", hi, channels.Message{Sender: "ann", Text: "hi", InputChannel: "web"})
	collected.Replies = []channels.Reply{{Text: "one\n\ntwo"}}
	collected.Answer = `[{"recipient_id":"ann","text":"one"},{"recipient_id":"ann","text":"two"}]`
	stream := collected
	stream.Name, stream.Target = "stream", "/webhook?stream=true"
	stream.Answer = `{"recipient_id":"ann","text":"one"}` + "\n" + `{"recipient_id":"ann","text":"two"}` + "\n"
	inbound(t, collected, stream)
}
