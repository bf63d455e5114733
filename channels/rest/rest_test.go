package rest_test

import (
	"testing"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/channels/channeltest"
	"github.com/manyvox/manyvox/channels/rest"
)

const hi = `{"sender":"ann","message":"hi","metadata":{"n":1}}`

func TestContract(t *testing.T) {
	t.Parallel()
	channeltest.Contract(t, rest.Type(), channeltest.Case{Body: hi}, channeltest.Platform{Delivers: channeltest.Deliveries{
		Kinds: map[channels.Kind]string{channels.KindAttachment: `{"sender":"ann","message":"","attachments":[{"type":"image","url":"https://app.example/a.png"}]}`},
	}})
}

// TestOnError runs a turn that fails after a reply. Package channels tests the rest
// of what the webhook does.
func TestOnError(t *testing.T) {
	t.Parallel()
	const (
		reply  = `{"recipient_id":"ann","text":"one"}`
		failed = `"error":{"code":"agent_failed","message":"it failed"}`
	)
	c := channeltest.Case{
		Body: hi, Replies: []channels.Reply{{Text: "one"}}, Err: channels.Errorf(channels.CodeAgentFailed, "it failed"),
		Asked: []channels.Message{{Sender: "ann", Text: "hi", Metadata: []byte(`{"n":1}`)}},
	}
	whole, partial, stream := c, c, c
	whole.Name, whole.Status, whole.Answer = "collected", 502, "{"+failed+`,"replies":[`+reply+"]}"
	partial.Name, partial.Answer = "collected", "["+reply+"]"
	stream.Name, stream.Target, stream.Answer = "stream", "/webhook?stream=true", reply+"\n"+`{"recipient_id":"ann",`+failed+"}\n"
	for _, c := range []struct {
		name, block string
		cases       []channeltest.Case
	}{
		{"default", "", []channeltest.Case{whole, stream}},
		{"error", "on_error: error", []channeltest.Case{whole, stream}},
		{"partial", "on_error: partial", []channeltest.Case{partial, stream}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			channeltest.Inbound(t, channeltest.Open(t, rest.Type(), c.block), c.cases)
		})
	}
}

func TestValidate(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, onError, want string }{
		{"error", rest.OnErrorFail, ""},
		{"partial", rest.OnErrorPartial, ""},
		{"none", "", `on_error: expected "error" or "partial"`},
		{"another", "ignore", `on_error: expected "error" or "partial"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := ""
			if err := (&rest.Config{OnError: c.onError}).Validate(); err != nil {
				got = err.Error()
			}
			if got != c.want {
				t.Errorf("error %q, want %q", got, c.want)
			}
		})
	}
}

func TestToken(t *testing.T) {
	t.Parallel()
	g, ok := channeltest.Open(t, rest.Type(), "token: t").(channels.Guarded)
	if !ok || g.Guarded().Token.Reveal() != "t" {
		t.Errorf("the channel is not guarded by the token of its block")
	}
}
