package channels_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/channels/channeltest"
)

// told is a webhook whose body lists texts. "stop" stops a turn.
func told(verified *[]string) channels.EventWebhook {
	return channels.EventWebhook{
		Routes: map[string]http.HandlerFunc{"/hello": func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") }},
		Verify: func(h http.Header, body []byte) error {
			*verified = append(*verified, string(body))
			if h.Get("X-Sign") != "right" {
				return channels.WrongSignature("signing_secret", "it is another")
			}
			return nil
		},
		Take: func(_ context.Context, body []byte) (told channels.Told, err error) {
			var texts []string
			if json.Unmarshal(body, &texts) != nil {
				return told, channels.Errorf(channels.CodeInvalid, "no list")
			}
			for _, text := range texts {
				if text == "stop" {
					told.Stops = append(told.Stops, channels.Stop{Sender: "ann", MessageID: "m"})
					continue
				}
				told.Messages = append(told.Messages, channels.Message{Sender: "ann", Text: text})
			}
			if len(texts) == 0 {
				told.Answer = func(w http.ResponseWriter) { _, _ = io.WriteString(w, "nothing") }
			}
			return told, nil
		},
	}
}

func TestEventWebhook(t *testing.T) {
	t.Parallel()
	unavailable, invalid := channels.Errorf(channels.CodeUnavailable, "full"), channels.InvalidField("text", "too long")
	for _, c := range []struct {
		name, method, path, sign, body string
		err                            error
		status                         int
		answer, retry                  string
		posted                         int
		stops                          []channels.Stop
	}{
		{name: "messages", body: `["a","b"]`, status: 200, posted: 2},
		{name: "with a slash", path: "/webhook/", body: `["a"]`, status: 200, posted: 1},
		{name: "a route of its own", method: "GET", path: "/hello/", status: 200, answer: "hello"},
		{name: "a stop alone", body: `["stop"]`, status: 200, stops: []channels.Stop{{Sender: "ann", MessageID: "m"}}},
		{name: "nothing, answered", body: `[]`, status: 200, answer: "nothing"},
		{name: "junk", body: `{`, status: 400},
		{name: "wrong signature", sign: "wrong", body: `["a"]`, status: 401},
		{name: "another method", method: "GET", status: 405},
		{name: "another path", path: "/webhook/x", body: `["a"]`, status: 404},
		{name: "the inbox is full", body: `["a"]`, err: unavailable, status: 503, retry: "1", posted: 1},
		{name: "too many of the conversation", body: `["a"]`, err: channels.Errorf(channels.CodeRateLimited, "many"), status: 503, retry: "1", posted: 1},
		{name: "it would fail again", body: `["a"]`, err: invalid, status: 200, posted: 1},
		{name: "no stop now", body: `["stop"]`, err: unavailable, status: 503, retry: "1", stops: []channels.Stop{{Sender: "ann", MessageID: "m"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			method, path := "POST", "/webhook"
			if c.method != "" {
				method = c.method
			}
			if c.path != "" {
				path = c.path
			}
			r := httptest.NewRequest(method, path, strings.NewReader(c.body))
			r.Header.Set("X-Sign", "right")
			if c.sign != "" {
				r.Header.Set("X-Sign", c.sign)
			}
			in, w, verified := &channeltest.Inbox{Err: c.err}, httptest.NewRecorder(), []string(nil)
			told(&verified).Handler(in).ServeHTTP(w, r)
			if w.Code != c.status || w.Header().Get("Retry-After") != c.retry || c.status == 200 && w.Body.String() != c.answer {
				t.Errorf("%d %q, Retry-After %q", w.Code, w.Body, w.Header().Get("Retry-After"))
			}
			if diff := cmp.Diff(c.stops, in.Stops()); diff != "" || len(in.Posted()) != c.posted {
				t.Errorf("%d posted, stops %s", len(in.Posted()), diff)
			}
			if c.status == 405 && w.Header().Get("Allow") != "POST" || c.status != 404 && c.method == "" && len(verified) != 1 {
				t.Errorf("Allow %q, verified %q", w.Header().Get("Allow"), verified)
			}
		})
	}
}

// postOnly is an inbox without the role Stopper.
type postOnly struct{ channels.Inbox }

func TestIncomingWithoutStopper(t *testing.T) {
	t.Parallel()
	in := &channeltest.Inbox{}
	told := channels.Incoming{Messages: []channels.Message{{Text: "a"}}, Stops: []channels.Stop{{Sender: "ann"}}}
	if err := told.Post(t.Context(), postOnly{in}); err != nil || len(in.Posted()) != 1 || in.Stops() != nil {
		t.Errorf("%v, %v, %v", err, in.Posted(), in.Stops())
	}
}

// An inbox without the role Aliaser knows each id as a sender of its own.
func TestAliaserOf(t *testing.T) {
	t.Parallel()
	in := &channeltest.Inbox{}
	if channels.AliaserOf(in) != channels.Aliaser(in) {
		t.Error("the role of the inbox is not found")
	}
	none := channels.AliaserOf(postOnly{in})
	sender, err := none.Sender(t.Context(), "a", "b")
	ids, errIDs := none.Ids(t.Context(), "a")
	if sender != "a" || len(ids) != 1 || ids[0] != "a" || err != nil || errIDs != nil {
		t.Errorf("%q, %q, %v, %v", sender, ids, err, errIDs)
	}
}

// What a platform knows under several ids stays in the conversation that was begun first, also with
// what stands behind the id.
func TestIncomingFollows(t *testing.T) {
	t.Parallel()
	in := &channeltest.Inbox{}
	idOf := func(sender string) (id, rest string) {
		if !strings.HasPrefix(sender, "-") {
			return "", ""
		}
		id, topic, has := strings.Cut(sender, ":")
		if has {
			rest = ":" + topic
		}
		return id, rest
	}
	for _, i := range []channels.Incoming{
		{Messages: []channels.Message{{Sender: "-5"}, {Sender: "ann"}}, IDOf: idOf},
		{Same: [][]string{{"-9", "-5"}}, Messages: []channels.Message{{Sender: "-9"}, {Sender: "-9:7"}}, IDOf: idOf},
		{Messages: []channels.Message{{Sender: "-9"}}},
		{Stops: []channels.Stop{{Sender: "-9:7"}, {Sender: "ann"}}, IDOf: idOf},
	} {
		if err := i.Post(t.Context(), in); err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	for _, m := range in.Posted() {
		got = append(got, m.Sender)
	}
	if diff := cmp.Diff([]string{"-5", "ann", "-5", "-5:7", "-9"}, got); diff != "" {
		t.Errorf("senders (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]channels.Stop{{Sender: "-5:7"}, {Sender: "ann"}}, in.Stops()); diff != "" {
		t.Errorf("stops (-want +got):\n%s", diff)
	}
	in.Err = channels.Errorf(channels.CodeUnavailable, "away")
	for _, i := range []channels.Incoming{{Same: [][]string{{"-9"}}}, {Messages: []channels.Message{{Sender: "-9"}}, IDOf: idOf}} {
		if err := i.Post(t.Context(), in); channels.AsError(err).RetryAfter == 0 {
			t.Errorf("%v", err)
		}
	}
}

func TestHeaderSecret(t *testing.T) {
	t.Parallel()
	verify := channels.HeaderSecret("X-Secret", "secret_token", "right")
	if err := verify(http.Header{"X-Secret": {"right"}}, nil); err != nil {
		t.Error(err)
	}
	var wrong *channels.SignatureError
	for _, h := range []http.Header{{}, {"X-Secret": {"wrong"}}} {
		if err := verify(h, nil); !errors.As(err, &wrong) || !strings.Contains(err.Error(), "secret_token") || strings.Contains(err.Error(), "right") {
			t.Errorf("%v", err)
		}
	}
}
