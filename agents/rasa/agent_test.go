package rasa_test

import (
	"cmp"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/agents/agenttest"
	"github.com/manyvox/manyvox/agents/rasa"
	"github.com/manyvox/manyvox/channels"
)

func TestContract(t *testing.T) {
	t.Parallel()
	for _, mode := range []rasa.Mode{rasa.ModeAuto, rasa.ModeAlways, rasa.ModeNever} {
		t.Run(string(mode), func(t *testing.T) {
			t.Parallel()
			var peers []agenttest.Peer
			if mode != rasa.ModeAuto { // which is one of the others in each turn
				peers = append(peers, peer(mode))
			}
			agenttest.Contract(t, func(t *testing.T) agents.Agent {
				f := &fake{answer: replies(`{"recipient_id": "x", "text": "a"}`, `{"recipient_id": "x", "text": "b"}`)}
				return onLoopback(t, f, func(c *rasa.Config) { c.Stream = mode }).agent
			}, peers...)
		})
	}
}

func TestRequest(t *testing.T) {
	t.Parallel()
	const query = "?token=s3cr3t%26tok+en"
	message := channels.Message{Channel: "sales", Sender: "ann", Text: "hi", InputChannel: "slack"}
	with := func(change func(*channels.Message)) channels.Message {
		m := message
		change(&m)
		return m
	}
	for _, c := range []struct {
		name    string
		message channels.Message
		change  change
		uri     string
		body    string
	}{
		{
			"plain", message, func(*rasa.Config) {}, "POST /webhooks/rest/webhook" + query,
			`{"sender":"ann","message":"hi","input_channel":"slack","metadata":null}`,
		},
		{
			"metadata value for value",
			with(func(m *channels.Message) {
				m.Metadata = json.RawMessage(`{"z":9007199254740993, "a":"<b>&\u00e9", "f":1.0}`)
			}),
			func(*rasa.Config) {}, "POST /webhooks/rest/webhook" + query,
			`{"sender":"ann","message":"hi","input_channel":"slack","metadata":{"z":9007199254740993,"a":"<b>&\u00e9","f":1.0}}`,
		},
		{
			"id and attachments",
			with(func(m *channels.Message) {
				m.Text, m.ID = "<&>", "m-1"
				m.Attachments = []channels.Attachment{{Type: "image", URL: "https://x/y.png"}}
			}),
			func(*rasa.Config) {}, "POST /webhooks/rest/webhook" + query,
			`{"sender":"ann","message":"<&>","input_channel":"slack","metadata":null,"message_id":"m-1","attachments":[{"type":"image","url":"https://x/y.png"}]}`,
		},
		{
			"template", with(func(m *channels.Message) { m.Sender = "{channel}" }),
			func(c *rasa.Config) { c.Sender = "{channel}:{sender}" }, "POST /webhooks/rest/webhook" + query,
			`{"sender":"sales:{channel}","message":"hi","input_channel":"slack","metadata":null}`,
		},
		{
			"stream, prefix, channel, no token", message,
			func(c *rasa.Config) {
				c.Stream, c.Channel, c.Token = rasa.ModeAlways, "my channel", ""
				c.URL += "/bot/"
			},
			"POST /bot/webhooks/my%20channel/webhook?stream=true",
			`{"sender":"ann","message":"hi","input_channel":"slack","metadata":null}`,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := &fake{answer: replies()}
			b := onLoopback(t, f, c.change)
			if err := b.answer(t.Context(), t, agents.Turn{Message: c.message}, &agenttest.Recorder{}); err != nil {
				t.Fatal(err)
			}
			got := f.seen()[0]
			if diff := gocmp.Diff([]string{c.uri, c.body}, []string{got.uri, got.body}); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if h := got.header; h.Get("Content-Type") != "application/json" || h.Get("X-Proxy-Auth") != header {
				t.Errorf("headers %v", h)
			}
		})
	}
}

// Rasa fails at metadata that is not nothing and no object: it never gets it. What counts as
// nothing there it gets as it is.
func TestMetadataThatIsNoObject(t *testing.T) {
	t.Parallel()
	for metadata, refused := range map[string]bool{
		`["a"]`: true, `[[]]`: true, `"a"`: true, `1`: true, `-0.1`: true, `true`: true, ` [0]`: true,
		`[]`: false, `""`: false, `0`: false, `-0.0e9`: false, `false`: false, `null`: false, `{}`: false, ` {"a":[]}`: false, ``: false,
	} {
		t.Run(metadata, func(t *testing.T) {
			t.Parallel()
			f := &fake{answer: replies()}
			b := onLoopback(t, f)
			turn := agenttest.Turn("ann", "hi")
			if turn.Message.Metadata = json.RawMessage(metadata); metadata == "" {
				turn.Message.Metadata = nil
			}
			err := b.answer(t.Context(), t, turn, &agenttest.Recorder{})
			if !refused {
				if err != nil || !strings.Contains(f.seen()[0].body, `"metadata":`+strings.TrimSpace(cmp.Or(metadata, "null"))) {
					t.Errorf("%v, Rasa has seen %v", err, f.seen())
				}
				return
			}
			if e := channels.AsError(err); e.Code != channels.CodeInvalid || e.Field != "metadata" || agents.IsNotReached(err) || len(f.seen()) > 0 {
				t.Errorf("%v, Rasa has seen %v", err, f.seen())
			}
		})
	}
}

// What Rasa says is on the REST route as Rasa has it: the same keys in the same order.
func TestRepliesKeepTheirForm(t *testing.T) {
	t.Parallel()
	for _, mode := range []rasa.Mode{rasa.ModeAlways, rasa.ModeNever} {
		objects := []string{
			`{"recipient_id":"ann","buttons":[{"title":"Yes","payload":"/yes"}]}`,
			`{"recipient_id":"ann","text":"","buttons":[{"payload":"","title":"Yes"}]}`,
			`{"recipient_id":"ann","text":"a","buttons":[]}`,
			`{"recipient_id":"ann","text":"a : ","buttons":[{"url":"u","title":"t","type":"web_url"},{"payload":null,"title":"t"}]}`,
			`{"recipient_id":"ann","custom":{"b":1,"a":[]}}`,
		}
		b := onLoopback(t, &fake{answer: replies(objects...)}, func(c *rasa.Config) { c.Stream = mode })
		var recorder agenttest.Recorder
		if err := b.answer(t.Context(), t, agenttest.Turn("ann", "hi"), &recorder); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, r := range recorder.Replies {
			object, err := r.MarshalJSON()
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, string(object))
		}
		if diff := gocmp.Diff(objects, got); diff != "" {
			t.Errorf("%s (-Rasa +REST):\n%s", mode, diff)
		}
	}
}

func TestModes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		mode rasa.Mode
		live bool
		want bool
	}{
		{rasa.ModeAuto, true, true},
		{rasa.ModeAuto, false, false},
		{rasa.ModeAlways, false, true},
		{rasa.ModeNever, true, false},
	} {
		t.Run(string(c.mode), func(t *testing.T) {
			t.Parallel()
			f := &fake{answer: replies(`{"text": "x"}`)}
			b := onLoopback(t, f, func(conf *rasa.Config) { conf.Stream = c.mode })
			turn := agenttest.Turn("ann", "hi")
			turn.Live = c.live
			if err := b.answer(t.Context(), t, turn, &agenttest.Recorder{}); err != nil {
				t.Fatal(err)
			}
			if got := strings.Contains(f.seen()[0].uri, "stream=true"); got != c.want {
				t.Errorf("live %v: streamed %v, want %v", c.live, got, c.want)
			}
			if accept := f.seen()[0].header.Get("Accept"); strings.Contains(accept, "application/x-ndjson") != c.want {
				t.Errorf("live %v: accepts %s", c.live, accept)
			}
		})
	}
}

// TestReplies holds in both modes.
func TestReplies(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		objects []string
		want    string
	}{
		{"none", nil, `[]`},
		{
			"texts as they are", []string{`{"recipient_id": "x", "text": " a\n\nb "}`, `{"recipient_id": "x", "text": "\u00e9"}`},
			`[{"recipient_id":"ann","text":" a\n\nb "},{"recipient_id":"ann","text":"é"}]`,
		},
		{"empty text", []string{`{"recipient_id": "x", "text": ""}`}, `[{"recipient_id":"ann","text":""}]`},
		{
			"buttons", []string{`{"recipient_id": "x", "text": "?", "buttons": [{"title": "Y", "payload": "/y", "n": 9007199254740993}]}`},
			`[{"recipient_id":"ann","text":"?","buttons":[{"title":"Y","payload":"/y","n":9007199254740993}]}]`,
		},
		{
			"other kinds",
			[]string{`{"recipient_id": "x", "image": "u"}`, `{"attachment": {"a": 1}}`, `{"custom": {"z": 1.0, "a": 2}}`},
			`[{"recipient_id":"ann","image":"u"},{"recipient_id":"ann","attachment":{"a":1}},{"recipient_id":"ann","custom":{"z":1.0,"a":2}}]`,
		},
		{
			"nothing said", []string{`{"recipient_id": "x"}`, `{}`, `{"recipient_id": "x", "text": null}`, `{"mood": "good"}`},
			`[]`,
		},
		{"error that is no object", []string{`{"text": "a", "error": "b"}`}, `[{"recipient_id":"ann","text":"a","error":"b"}]`},
	} {
		for _, mode := range []rasa.Mode{rasa.ModeAlways, rasa.ModeNever} {
			t.Run(c.name+" "+string(mode), func(t *testing.T) {
				t.Parallel()
				rec := &agenttest.Recorder{}
				b := onLoopback(t, &fake{answer: replies(c.objects...)}, func(conf *rasa.Config) { conf.Stream = mode })
				if err := b.ask(t, rec); err != nil {
					t.Fatal(err)
				}
				for _, r := range rec.Replies {
					if !r.Rendered {
						t.Errorf("%+v is not rendered", r)
					}
				}
				got, _ := channels.Marshal(append([]channels.Reply{}, rec.Replies...))
				if diff := gocmp.Diff(c.want, string(got)); diff != "" {
					t.Errorf("-want +got:\n%s", diff)
				}
			})
		}
	}
}

// TestWholeReplies leaves replies to be expanded that the server says are whole.
func TestWholeReplies(t *testing.T) {
	t.Parallel()
	for _, mode := range []rasa.Mode{rasa.ModeAlways, rasa.ModeNever} {
		for header, rendered := range map[string]bool{"": true, "whole": false, "half": true} {
			t.Run(header+" "+string(mode), func(t *testing.T) {
				t.Parallel()
				rec := &agenttest.Recorder{}
				b := onLoopback(t, &fake{answer: func(w http.ResponseWriter, r *http.Request) {
					w.Header().Set("Manyvox-Replies", header)
					replies(`{"text": "a", "elements": [{"title": "b"}]}`)(w, r)
				}}, func(conf *rasa.Config) { conf.Stream = mode })
				if err := b.ask(t, rec); err != nil {
					t.Fatal(err)
				}
				if r := rec.Replies; len(r) != 1 || r[0].Rendered != rendered || len(r[0].Elements) != 1 {
					t.Errorf("replies %+v", r)
				}
			})
		}
	}
}

func TestSilence(t *testing.T) {
	t.Parallel()
	b := onLoopback(t, &fake{answer: inOrder(failsMidway(), replies(`{"text": "x"}`), failsMidway())})
	for range 3 {
		if err := b.ask(t, &agenttest.Recorder{}); err != nil {
			t.Fatal(err)
		}
	}
	for _, want := range []string{"level=DEBUG", "channel=rest silent_turns=1\n", "channel=rest silent_turns=2\n"} {
		if !strings.Contains(b.log.String(), want) {
			t.Errorf("no %q in the log:\n%s", want, b.log.String())
		}
	}
}
