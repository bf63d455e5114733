package push_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/servicetest"
)

// What an agent says goes to the conversation that it names, as an agent's reply does: it is
// expanded, but not cut again.
func TestSay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, &servicetest.FakePlatform{}, agents.SenderAlone, service.Config{})
		h.Post(t, "chat", "4711", "hello")
		status, answer := say(t, h, `{"channel":"chat","sender":"4711","id":"reminder 1","reply":
			{"recipient_id":"somebody","text":"`+servicetest.Private+`a\n\nb","custom":{"n": 1.50},"buttons":[{"title":"Yes"}]}}`)
		if status != http.StatusAccepted || answer != `{"message_id":"reminder 1"}` {
			t.Errorf("%d %s", status, answer)
		}
		want := []channels.Reply{
			{RecipientID: "4711", Text: servicetest.Private + "a\n\nb", Buttons: []channels.Button{{Title: "Yes"}}, Rendered: true},
			{RecipientID: "4711", Custom: []byte(`{"n": 1.50}`), Rendered: true},
		}
		var got []channels.Reply
		for _, c := range h.Calls() {
			got = append(got, c.Part.Reply)
			if c.Part.Address != "room of 4711" || c.Part.Channel != "chat" || c.Part.MessageID != "reminder 1" {
				t.Errorf("sent %+v", c.Part)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("sent (-want +got):\n%s", diff)
		}
		page, err := h.Journal.Events(t.Context(), journal.EventFilter{Channel: "chat", Sender: "4711"}, -1, 10)
		if err != nil || len(page.Events) < 2 || page.Events[1].Kind != channels.EventReply || page.Events[1].MessageID != "reminder 1" {
			t.Errorf("events: %+v, %v", page.Events, err)
		}
	})
}

// The same id is sent once. With other content it is refused, so that nothing is lost unnoticed.
func TestSayTwice(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, &servicetest.FakePlatform{}, agents.SenderAlone, service.Config{})
		h.Post(t, "chat", "ann", "hello")
		for _, c := range []struct {
			id, text string
			status   int
		}{{`,"id":"1"`, "a", 202}, {`,"id":"1"`, "a", 202}, {`,"id":"2"`, "b", 202}, {`,"id":"1"`, "c", 409}, {"", "d", 202}, {"", "d", 202}} {
			status, answer := say(t, h, `{"channel":"chat","sender":"ann","reply":{"text":"`+servicetest.Private+c.text+`"}`+c.id+`}`)
			if status != c.status {
				t.Errorf("%s %s: %d %s", c.id, c.text, status, answer)
			}
		}
		if diff := cmp.Diff([]string{"a", "b", "d"}, h.Accepted("chat", "ann")); diff != "" {
			t.Errorf("sent (-want +got):\n%s", diff)
		}
	})
}

// Nothing of a request is looked at before its signature is right.
func TestSignature(t *testing.T) {
	t.Parallel()
	const body = `{"channel":"chat","sender":"ann","reply":{"text":"hi"}}`
	for name, c := range map[string]struct {
		agent, body string
		change      func(*http.Request)
		status      int
	}{
		"right":                        {"bot", body, func(*http.Request) {}, 202},
		"right, of something broken":   {"bot", "no JSON", func(*http.Request) {}, 400},
		"wrong, of something broken":   {"bot", "no JSON", func(r *http.Request) { r.Header.Set("webhook-id", "2") }, 401},
		"none":                         {"bot", body, func(r *http.Request) { r.Header = http.Header{} }, 401},
		"by another secret":            {"bot", body, func(r *http.Request) { sign(r, otherSecret, time.Now(), body) }, 401},
		"of another body":              {"bot", body, func(r *http.Request) { sign(r, secret, time.Now(), "{}") }, 401},
		"of another time":              {"bot", body, func(r *http.Request) { r.Header.Set("webhook-timestamp", "946684801") }, 401},
		"too old":                      {"bot", body, func(r *http.Request) { sign(r, secret, time.Now().Add(-6*time.Minute), body) }, 401},
		"the secret as a token":        {"bot", body, func(r *http.Request) { r.Header = http.Header{"Authorization": {"Bearer " + secret}} }, 401},
		"the operator's token":         {"bot", body, func(r *http.Request) { r.Header = http.Header{"Authorization": {"Bearer operator"}} }, 401},
		"of an agent without secret":   {"dumb", body, func(*http.Request) {}, 404},
		"of an agent without the role": {"echo", body, func(*http.Request) {}, 404},
		"of no agent":                  {"gone", body, func(*http.Request) {}, 404},
		"by GET":                       {"bot", "", func(r *http.Request) { r.Method = http.MethodGet }, 405},
		"of a large body":              {"bot", strings.Repeat(" ", 2000), func(*http.Request) {}, 413},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				h := newHarness(t, &servicetest.FakePlatform{}, agents.SenderAlone, service.Config{HTTPOptions: service.HTTPOptions{MaxBody: 1000}})
				h.Post(t, "chat", "ann", "hello")
				req := unsigned(t, h, c.agent, c.body)
				sign(req, secret, time.Now(), c.body)
				c.change(req)
				status, answer := servicetest.Do(t, h.HTTP1, req)
				synctest.Wait()
				if status != c.status {
					t.Errorf("%d %s, want %d", status, answer, c.status)
				}
				if sent := len(h.Calls()); (sent == 1) != (c.status == 202) {
					t.Errorf("%d messages were sent", sent)
				}
			})
		})
	}
}

// The error of a body that is signed and wrong names the field.
func TestMalformed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, &servicetest.FakePlatform{}, agents.SenderAlone, service.Config{})
		h.Post(t, "chat", "ann", "hello")
		for _, c := range []struct{ body, want string }{
			{``, "the body is empty"},
			{`[]`, "the body is not a JSON object but a list"},
			{`{"sender":"ann","reply":{"text":"a"}}`, "channel: required"},
			{`{"channel":"chat","sender":"","reply":{"text":"a"}}`, "sender: required"},
			{`{"channel":"chat","sender":7,"reply":{"text":"a"}}`, `key \"sender\": expected a string`},
			{`{"channel":{},"sender":"ann","reply":{"text":"a"}}`, `key \"channel\": expected a string`},
			{`{"channel":"chat","sender":"ann","id":[],"reply":{"text":"a"}}`, `key \"id\": expected a string`},
			{`{"channel":"chat","sender":"ann"}`, "reply: required"},
			{`{"channel":"chat","sender":"ann","reply":"a"}`, "reply: "},
			{`{"channel":"chat","sender":"ann","reply":{"text":7}}`, "reply: "},
			{`{"channel":"chat","sender":"ann","reply":{"format":"odd"}}`, "reply: "},
			{`{"channel":"chat","sender":"ann","reply":{}}`, "reply: shows nothing"},
			{`{"channel":"chat","sender":"ann","reply":{"text":" "}}`, "reply: shows nothing"},
			{`{"channel":"chat","sender":"ann","reply":{"text":"` + strings.Repeat("a", 65_537) + `"}}`, "reply.text: 65537 bytes"},
			{`{"channel":"chat","sender":"ann","id":"` + strings.Repeat("a", 257) + `","reply":{"text":"a"}}`, "message_id: 257 bytes"},
		} {
			status, answer := say(t, h, c.body)
			if status != http.StatusBadRequest || !strings.Contains(answer, `"code":"invalid_argument"`) || !strings.Contains(answer, c.want) {
				t.Errorf("%.80s: %d %s, want %s", c.body, status, answer, c.want)
			}
		}
		if len(h.Calls()) > 0 {
			t.Errorf("sent %+v", h.Calls())
		}
	})
}
