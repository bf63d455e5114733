package webhook_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/agents/agenttest"
	"github.com/manyvox/manyvox/agents/webhook"
	"github.com/manyvox/manyvox/channels"
)

// secret is a key of the tests.
const secret = "whsec_czNjcjN0IHNpZ25pbmcga2V5IG9mIHRlc3RzIQ=="

// posted is a request that a server has read whole.
type posted struct {
	uri    string
	header http.Header
	body   string
}

// keeping is a server that keeps what is posted to it, and answers nothing.
func keeping(t *testing.T) (url string, requests chan posted) {
	t.Helper()
	requests = make(chan posted, 10)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		requests <- posted{r.Method + " " + r.RequestURI, r.Header, string(body)}
		w.WriteHeader(http.StatusNoContent)
	}))
	t.Cleanup(s.Close)
	return s.URL, requests
}

func TestRequest(t *testing.T) {
	t.Parallel()
	url, requests := keeping(t)
	a := open(t, url+"/agent?key=s3cr3t", func(c *webhook.Config) {
		c.Secret, c.Headers = secret, map[string]channels.Secret{"authorization": "Basic x"}
	})
	turn := agenttest.Turn("ann", "<hi>")
	turn.Message.ID = "7\n\"Ä"
	turn.Message.Metadata = json.RawMessage(`{"z": 9007199254740993, "a": {"b": [1.0, "\u00e9"]}}`)
	turn.Attempt, turn.Hops = 2, "a,b"
	before := time.Now().Unix()
	if err := a.Answer(t.Context(), turn, &agenttest.Recorder{}); err != nil {
		t.Fatal(err)
	}
	got := <-requests
	want := posted{"POST /agent?key=s3cr3t", got.header, `{"sender":"ann","message":"<hi>","input_channel":"rest",` +
		`"metadata":{"z":9007199254740993,"a":{"b":[1.0,"\u00e9"]}},"message_id":"7\n\"Ä","channel":"rest","channel_type":"rest",` +
		`"capabilities":["receive","rpc","token"],"attempt":2,"live":false}`}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(posted{})); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	for name, value := range map[string]string{
		"Authorization": "Basic x", "Content-Type": "application/json", "Manyvox-Attempt": "2", "Manyvox-Hops": "a,b", "User-Agent": "manyvox",
	} {
		if h := got.header.Get(name); h != value {
			t.Errorf("%s: %q, want %q", name, h, value)
		}
	}
	at, err := strconv.ParseInt(got.header.Get("webhook-timestamp"), 10, 64)
	if err != nil || at < before || at > time.Now().Unix() {
		t.Errorf("timestamp %d, error %v", at, err)
	}
	key, _ := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(got.header.Get("webhook-id") + "." + got.header.Get("webhook-timestamp") + "." + got.body))
	if want := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil)); got.header.Get("webhook-signature") != want {
		t.Errorf("signature %s, want %s", got.header.Get("webhook-signature"), want)
	}
}

// TestID has one id for the attempts at a message, and others for other messages.
func TestID(t *testing.T) {
	t.Parallel()
	url, requests := keeping(t)
	a := open(t, url, nil)
	id := func(change func(*agents.Turn)) string {
		turn := agenttest.Turn("ann", "hi")
		change(&turn)
		if err := a.Answer(t.Context(), turn, &agenttest.Recorder{}); err != nil {
			t.Fatal(err)
		}
		r := <-requests
		if r.header.Get("webhook-signature") != "" {
			t.Error("signed without a secret")
		}
		return r.header.Get("webhook-id")
	}
	first := id(func(*agents.Turn) {})
	if !regexp.MustCompile(`^msg_[0-9a-f]{32}$`).MatchString(first) {
		t.Errorf("id %q", first)
	}
	if again := id(func(turn *agents.Turn) { turn.Attempt = 2 }); again != first {
		t.Errorf("the second attempt has the id %q, the first %q", again, first)
	}
	others := []string{
		first, id(func(turn *agents.Turn) { turn.Message.ID = "x" }), id(func(turn *agents.Turn) { turn.Message.Sender = "bob" }),
		id(func(turn *agents.Turn) { turn.Message.Channel = "sales" }),
	}
	slices.Sort(others)
	if len(slices.Compact(others)) != 4 {
		t.Errorf("other messages have the same id: %q", others)
	}
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	const unread = "agent webhook: the answer of the server cannot be read: "
	for _, c := range []struct {
		name, body string
		want       []string
		deltas     string
		err        string
	}{
		{name: "nothing"},
		{name: "white space", body: " \r\n\t"},
		{name: "an empty list", body: "[]"},
		{name: "a list", body: `[{"text":"a"}, {"recipient_id":"x","text":"b"}, {}]`, want: []string{"a", "b"}},
		{name: "messages", body: `{"messages":[{"text":"a"},{"text":"b"}]}`, want: []string{"a", "b"}},
		{name: "no messages", body: `{"messages":null}`},
		{name: "a text", body: "\ufeff{\n  \"text\": \"a\"\n}\n", want: []string{"a"}},
		{name: "lines", body: "{\"text\":\"a\"}\n\n{\"text\":\"b\"}\r\n", want: []string{"a", "b"}},
		{name: "pieces", body: `{"delta":"a "}{"delta":"b"}`, want: []string{"a b"}, deltas: "a b"},
		{name: "lists of lines", body: "[{\"text\":\"a\"}]\n[{\"text\":\"b\"},{\"text\":\"c\"}]", want: []string{"a", "b", "c"}},
		{name: "events", body: ": hi\n\nevent: x\ndata: {\"text\":\"a\"}\n\ndata:{\"messages\":[{\"text\":\"b\"}]}\r\n\r\n", want: []string{"a", "b"}},
		{name: "an event of many lines", body: "retry: 5\ndata: {\"text\":\ndata: \"a\"}\n\n", want: []string{"a"}},
		{name: "an event without its end", body: "data: {\"text\":\"a\"}", want: []string{"a"}},
		{name: "after the end", body: "data: {\"text\":\"a\"}\n\ndata: [DONE]\n\ndata: oops\n\n", want: []string{"a"}},
		{name: "plain text", body: "hello", err: unread + "line 1 is neither JSON nor a server-sent event"},
		{name: "a page", body: "<html>", err: unread + "line 1 is neither JSON nor a server-sent event"},
		{name: "a JSON text", body: `"hello"`, err: unread + "line 1 is neither JSON nor a server-sent event"},
		{name: "a list of texts", body: `["a"]`, err: unread + "value 1 is not a JSON object"},
		{name: "half a list", body: `[{"text":"a"}`, err: unread + "value 1 ends in the middle"},
		{name: "half an object", body: "{\"text\":\"a\"}\n{\"te", want: []string{"a"}, err: unread + "value 2 ends in the middle"},
		{name: "no JSON", body: "{\"text\":\"a\"}\nbye", want: []string{"a"}, err: unread + "value 2: invalid character 'b'"},
		{name: "messages that are no list", body: `{"messages":"a"}`, err: unread + `value 1: "messages" is not a list`},
		{name: "an event that is no JSON", body: "data: {\"text\":\"a\"}\n\ndata: oops\n\n", want: []string{"a"}, err: unread + "event 2 is not JSON"},
		{name: "an event of a number", body: "data: 5\n\n", err: unread + "event 1 is not a JSON object"},
		{name: "an error", body: "{\"text\":\"a\"}{\"error\":{\"code\":\"x\",\"message\":\"y\"}}", want: []string{"a"}, err: "agent webhook: the server reports a failure: x: y"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			rec := &agenttest.Recorder{}
			err := open(t, answering(t, c.body), nil).Answer(t.Context(), agenttest.Turn("ann", "hi"), rec)
			if diff := cmp.Diff(append([]string{}, c.want...), rec.Texts()); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if deltas := strings.Join(rec.Deltas, ""); deltas != c.deltas {
				t.Errorf("deltas %q, want %q", deltas, c.deltas)
			}
			switch {
			case c.err == "" && err != nil:
				t.Error(err)
			case c.err != "" && (err == nil || !strings.HasPrefix(err.Error(), c.err) || channels.AsError(err).Code != channels.CodeAgentFailed || agents.IsNotReached(err)):
				t.Errorf("error %v, want %q", err, c.err)
			}
		})
	}
}

// FuzzAnswer reads a stranger's bytes.
func FuzzAnswer(f *testing.F) {
	for _, seed := range []string{
		"", "[", `[{"text":"a"}]`, `{"messages":[{"text":"a"}]}`, "data: {\"text\":\"a\"}\n\n", ":\n\ndata: [DONE]\n\n", "{}{\"delta\":\"a\"}", "\ufeff{}", "id\n", "data\ndata:{}\n\n",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, answer string) {
		rec := &agenttest.Recorder{}
		err := webhook.Decode(context.Background(), strings.NewReader(answer), &agents.Decoder{Name: "x", Peer: "it", Replier: rec})
		if err != nil && channels.AsError(err).Code == channels.CodeInternal {
			t.Errorf("%q: error %v is no *channels.Error", answer, err)
		}
		if err == nil && len(rec.Pending) > 0 {
			t.Errorf("%q leaves %q open", answer, rec.Pending)
		}
		for i := range rec.Replies {
			if err := rec.Replies[i].Validate(); err != nil {
				t.Errorf("%q: reply %+v: %v", answer, rec.Replies[i], err)
			}
		}
	})
}

// TestStatuses looks at what each status means.
func TestStatuses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		status int
		header http.Header
		code   channels.Code
		err    string
		after  time.Duration
	}{
		{301, nil, channels.CodeAgentFailed, "agent webhook: the server answered 301 Moved Permanently: redirects are not followed: write the address it leads to into url", 0},
		{401, nil, channels.CodeAgentFailed, "agent webhook: the server answered 401 Unauthorized: check secret and headers", 0},
		{404, nil, channels.CodeAgentFailed, "agent webhook: the server answered 404 Not Found: check url", 0},
		{429, nil, channels.CodeOverloaded, "agent webhook: the server answered 429 Too Many Requests", time.Second},
		{503, http.Header{"Retry-After": {"9"}}, channels.CodeOverloaded, "agent webhook: the server answered 503 Service Unavailable", 9 * time.Second},
		{504, nil, channels.CodeDeadlineExceeded, "agent webhook: the server answered 504 Gateway Timeout", 0},
		{599, nil, channels.CodeAgentFailed, "agent webhook: the server answered 599", 0},
	} {
		t.Run(strconv.Itoa(c.status), func(t *testing.T) {
			t.Parallel()
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				for name, values := range c.header {
					w.Header()[name] = values
				}
				w.Header().Set("Location", "/elsewhere")
				w.WriteHeader(c.status)
			}))
			defer s.Close()
			err := open(t, s.URL, nil).Answer(t.Context(), agenttest.Turn("ann", "hi"), &agenttest.Recorder{})
			e := channels.AsError(err)
			if e.Code != c.code || e.Error() != c.err || e.RetryAfter != c.after {
				t.Errorf("%v %q, again after %v", e.Code, e.Error(), e.RetryAfter)
			}
		})
	}
}
