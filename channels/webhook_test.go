package channels_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/channels/channeltest"
)

const hi = `{"sender":"ann","message":"hi"}`

func asked() []channels.Message { return []channels.Message{{Sender: "ann", Text: "hi"}} }

// twice is an assistant's answer of two messages, and how REST shows it.
func twice() []channels.Reply {
	return []channels.Reply{{Text: "<one>\n\ntwo"}, {Image: "https://x/i.png"}}
}

const (
	line1 = `{"recipient_id":"ann","text":"<one>"}`
	line2 = `{"recipient_id":"ann","text":"two"}`
	line3 = `{"recipient_id":"ann","image":"https://x/i.png"}`

	array = "[" + line1 + "," + line2 + "," + line3 + "]"
	lines = line1 + "\n" + line2 + "\n" + line3 + "\n"
)

func TestWebhookCollected(t *testing.T) {
	t.Parallel()
	header := map[string]string{"Content-Type": "application/json", "X-Accel-Buffering": ""}
	channeltest.Inbound(t, channels.Webhook{}, []channeltest.Case{
		{Name: "silent", Body: hi, Asked: asked(), Answer: "[]", AnswerHeader: header},
		{Name: "replies", Body: hi, Replies: twice(), Asked: asked(), Answer: array, AnswerHeader: header},
		{
			Name: "pieces of text are not shown", Body: hi, Deltas: []string{"o", "ne"}, Replies: []channels.Reply{{Text: "one"}},
			Asked: asked(), Answer: `[{"recipient_id":"ann","text":"one"}]`,
		},
		{
			Name: "no sender", Body: `{"message":"hi"}`, Replies: []channels.Reply{{Text: "one"}},
			Asked: []channels.Message{{Text: "hi"}}, Answer: `[{"recipient_id":"default","text":"one"}]`,
		},
		{
			Name: "content type of a form", Body: hi, Header: map[string]string{"Content-Type": "application/x-www-form-urlencoded"},
			Asked: asked(), Answer: "[]",
		},
		{Name: "slash behind", Target: "/webhook/", Body: hi, Asked: asked(), Answer: "[]"},
		{Name: "other query", Target: "/webhook?streams=true&x=;", Body: hi, Asked: asked(), Answer: "[]"},
	})
}

func TestWebhookRoutes(t *testing.T) {
	t.Parallel()
	lost := func(name, target string) channeltest.Case {
		return channeltest.Case{
			Name: name, Target: target, Body: hi, Status: http.StatusNotFound,
			Answer: `{"error":{"code":"not_found","message":"no such route: messages are posted to /webhook"}}`,
		}
	}
	wrong := func(method string) channeltest.Case {
		return channeltest.Case{
			Name: method, Method: method, Body: hi, Status: http.StatusMethodNotAllowed,
			Answer:       `{"error":{"code":"method_not_allowed","message":"method ` + method + `: messages are sent by POST"}}`,
			AnswerHeader: map[string]string{"Allow": "POST"},
		}
	}
	channeltest.Inbound(t, channels.Webhook{}, []channeltest.Case{
		lost("below", "/webhook/x"), lost("beside", "/webhooks"), lost("two slashes", "/webhook//"), lost("root", "/"),
		wrong(http.MethodGet), wrong(http.MethodPut), wrong(http.MethodDelete),
	})
}

func TestWebhookStream(t *testing.T) {
	t.Parallel()
	header := map[string]string{"Content-Type": "text/event-stream", "Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
	labelled := map[string]string{"Content-Type": "application/x-ndjson"}
	stream := func(name, target string) channeltest.Case {
		return channeltest.Case{Name: name, Target: target, Body: hi, Replies: twice(), Asked: asked(), Answer: lines, AnswerHeader: header}
	}
	collected := func(name, target string) channeltest.Case {
		return channeltest.Case{Name: name, Target: target, Body: hi, Replies: twice(), Asked: asked(), Answer: array}
	}
	silent := stream("silent", "/webhook?stream=true")
	silent.Replies, silent.Answer = nil, ""
	named := stream("Accept names the label", "/webhook?stream=true")
	named.Header, named.AnswerHeader = map[string]string{"Accept": "application/x-ndjson, */*"}, labelled
	other := stream("Accept names another", "/webhook?stream=true")
	other.Header = map[string]string{"Accept": "application/json"}
	pieces := stream("pieces of text are not shown", "/webhook?stream=true")
	pieces.Deltas = []string{"o", "ne"}
	channeltest.Inbound(t, channels.Webhook{}, []channeltest.Case{
		silent, named, other, pieces,
		stream("true", "/webhook?stream=true"), stream("True", "/webhook?stream=True"), stream("TRUE", "/webhook/?stream=TRUE"),
		stream("the first of several", "/webhook?stream=true&stream=false"),
		collected("1", "/webhook?stream=1"), collected("yes", "/webhook?stream=yes"), collected("no value", "/webhook?stream"),
		collected("not the first of several", "/webhook?stream=false&stream=true"),
		collected("another key", "/webhook?Stream=true"),
	})
}

// failed is an agent's failure whose cause is not to be shown.
func failed() error {
	return &channels.Error{Code: channels.CodeAgentFailed, Message: "the agent failed", Err: errors.New("cause")}
}

const failedObject = `"error":{"code":"agent_failed","message":"the agent failed"}`

func TestWebhookErrors(t *testing.T) {
	t.Parallel()
	busy := &channels.Error{Code: channels.CodeOverloaded, Message: "too much", RetryAfter: 1500 * time.Millisecond}
	channeltest.Inbound(t, channels.Webhook{}, []channeltest.Case{
		{Name: "before replies", Body: hi, Err: failed(), Asked: asked(), Status: 502, Answer: `{` + failedObject + `}`},
		{
			Name: "after replies", Body: hi, Replies: twice(), Err: failed(), Asked: asked(), Status: 502,
			Answer: `{` + failedObject + `,"replies":` + array + `}`,
		},
		{
			Name: "before lines", Target: "/webhook?stream=true", Body: hi, Err: failed(), Asked: asked(), Status: 502,
			Answer: `{` + failedObject + `}`, AnswerHeader: map[string]string{"Content-Type": "application/json"},
		},
		{
			Name: "after lines", Target: "/webhook?stream=true", Body: hi, Replies: twice(), Err: failed(), Asked: asked(),
			Answer: lines + `{"recipient_id":"ann",` + failedObject + "}\n",
		},
		{
			Name: "retry later", Body: hi, Err: busy, Asked: asked(), Status: 503,
			Answer:       `{"error":{"code":"resource_exhausted","message":"too much"}}`,
			AnswerHeader: map[string]string{"Retry-After": "2"},
		},
		{
			Name: "a token is missing", Body: hi, Err: channels.Errorf(channels.CodeUnauthenticated, "a token is needed"), Asked: asked(), Status: 401,
			Answer:       `{"error":{"code":"unauthenticated","message":"a token is needed"}}`,
			AnswerHeader: map[string]string{"WWW-Authenticate": `Bearer realm="manyvox"`},
		},
		{
			Name: "an error that is not for the caller", Body: hi, Err: errors.New("dial 10.0.0.7: refused"), Asked: asked(), Status: 500,
			Answer: `{"error":{"code":"internal","message":"internal error, see the log"}}`,
		},
		{
			Name: "a reply that is not JSON", Body: hi, Replies: []channels.Reply{{Custom: []byte(`{"a":`)}}, Asked: asked(), Status: 502,
			Answer: `{"error":{"code":"agent_failed","message":"the agent gave a reply that is not JSON"}}`,
		},
		{
			Name: "a reply that is not JSON, and an error", Body: hi, Replies: []channels.Reply{{Custom: []byte(`{"a":`)}}, Err: failed(),
			Asked: asked(), Status: 502, Answer: `{` + failedObject + `}`,
		},
	})
}

func TestWebhookPartial(t *testing.T) {
	t.Parallel()
	late := channels.Errorf(channels.CodeDeadlineExceeded, "late")
	invalid := channels.Errorf(channels.CodeInvalid, "sender: too long")
	channeltest.Inbound(t, channels.Webhook{Partial: true}, []channeltest.Case{
		{Name: "no replies", Body: hi, Err: failed(), Asked: asked(), Answer: "[]"},
		{Name: "replies", Body: hi, Replies: twice(), Err: failed(), Asked: asked(), Answer: array},
		{Name: "late", Body: hi, Replies: twice(), Err: late, Asked: asked(), Answer: array},
		{
			Name: "the request is to blame", Body: hi, Err: invalid, Asked: asked(), Status: 400,
			Answer: `{"error":{"code":"invalid_argument","message":"sender: too long"}}`,
		},
		{
			Name: "a stream tells all the same", Target: "/webhook?stream=true", Body: hi, Replies: twice(), Err: failed(), Asked: asked(),
			Answer: lines + `{"recipient_id":"ann",` + failedObject + "}\n",
		},
	})
}

// TestWebhookFunctions replaces each of Rasa's extractions, and lets each fail.
func TestWebhookFunctions(t *testing.T) {
	t.Parallel()
	from := func(key string) func(*http.Request, channels.Body) (string, error) {
		return func(r *http.Request, b channels.Body) (string, error) {
			if r.Header.Get("Refuse") == key {
				return "", channels.Errorf(channels.CodePermissionDenied, "key %q: not yours", key)
			}
			return b.ID(key)
		}
	}
	webhook := channels.Webhook{
		Sender: from("from"), Message: from("say"), InputChannel: from("via"),
		Metadata: func(r *http.Request, b channels.Body) (json.RawMessage, error) {
			_, err := from("meta")(r, b)
			return json.RawMessage(`"` + r.URL.Query().Get("page") + `"`), err
		},
	}
	const body = `{"from":"ann","say":"hi","via":"web","sender":"no","message":5,"input_channel":5,"metadata":5}`
	cases := []channeltest.Case{{
		Name: "all", Target: "/webhook?page=7", Body: body, Answer: "[]",
		Asked: []channels.Message{{Sender: "ann", Text: "hi", InputChannel: "web", Metadata: json.RawMessage(`"7"`)}},
	}}
	for _, key := range []string{"from", "say", "via", "meta"} {
		cases = append(cases, channeltest.Case{
			Name: key + " fails", Header: map[string]string{"Refuse": key}, Body: body, Status: http.StatusForbidden,
			Answer: `{"error":{"code":"permission_denied","message":"key \"` + key + `\": not yours"}}`,
		})
	}
	channeltest.Inbound(t, webhook, cases)
}
