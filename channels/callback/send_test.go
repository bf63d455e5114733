package callback_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/channels/callback"
)

// signingKey is a key of the tests in base64.
const signingKey = "czNjcjN0IHNpZ25pbmcga2V5IG9mIHRlc3RzIQ=="

func part(r channels.Reply) channels.Part {
	r.RecipientID = "ann"
	return channels.Part{ID: "part-1", Channel: "callback", Sender: "ann", Reply: r}
}

// configured returns a block as it is decoded.
func configured(t *testing.T, block string) *callback.Config {
	t.Helper()
	c, err := load(t, block)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestSendBody(t *testing.T) {
	t.Parallel()
	buttons := []channels.Button{{Title: "Yes", Payload: "/yes"}, {Title: "Call", Extra: map[string]json.RawMessage{"type": []byte(`"phone"`)}}}
	for _, c := range []struct {
		name  string
		reply channels.Reply
		want  string
	}{
		{"text", channels.Reply{Text: "Hi"}, `{"recipient_id":"ann","text":"Hi"}`},
		{"empty text", channels.Reply{}, `{"recipient_id":"ann","text":""}`},
		{"markup", channels.Reply{Text: "<b>ü & \"x\"</b>\n"}, `{"recipient_id":"ann","text":"<b>ü & \"x\"</b>\n"}`},
		{
			"buttons", channels.Reply{Text: "?", Buttons: buttons},
			`{"recipient_id":"ann","text":"?","buttons":[{"title":"Yes","payload":"/yes"},{"title":"Call","type":"phone"}]}`,
		},
		{
			"quick replies", channels.Reply{Text: "?", QuickReplies: buttons[:1]},
			`{"recipient_id":"ann","text":"?","buttons":[{"title":"Yes","payload":"/yes"}]}`,
		},
		{"image", channels.Reply{Image: "https://x/y.png"}, `{"recipient_id":"ann","image":"https://x/y.png"}`},
		{"attachment", channels.Reply{Attachment: []byte(`{"type":"file"}`)}, `{"recipient_id":"ann","attachment":{"type":"file"}}`},
		{"custom", channels.Reply{Custom: []byte(`{"n": 1.0, "m": [ ]}`)}, `{"recipient_id":"ann","custom":{"n":1.0,"m":[]}}`},
		{
			"keys for other platforms", channels.Reply{Text: "Hi", Extra: map[string]json.RawMessage{"button_type": []byte(`"reply"`)}},
			`{"recipient_id":"ann","text":"Hi"}`,
		},
		{
			"one element", channels.Reply{Elements: []channels.Element{{Title: "A", Subtitle: "a"}}},
			`{"recipient_id":"ann","text":"A : a","buttons":[]}`,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			g := &target{}
			channel, err := configured(t, "url: "+g.listen(t, (*httptest.Server).Start)).Open(channels.Env{})
			if err != nil {
				t.Fatal(err)
			}
			receipt, err := channel.(channels.Sender).Send(t.Context(), part(c.reply))
			if err != nil || receipt.ID != "" || time.Since(receipt.Time) > time.Minute {
				t.Errorf("receipt %v, error %v", receipt, err)
			}
			var got []string
			for _, post := range g.seen() {
				_, body, _ := strings.Cut(post, "\n\n")
				got = append(got, body)
			}
			if diff := cmp.Diff([]string{c.want}, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestSendRequest(t *testing.T) {
	t.Parallel()
	const body = `{"recipient_id":"ann","text":"Hi"}`
	for _, c := range []struct {
		name, block, want string
	}{
		{
			"url alone", "url: http://app.example/bot/",
			"POST /bot/ HTTP/1.1\nHost: app.example\nAccept-Encoding: gzip\nContent-Length: 34\nContent-Type: application/json\nUser-Agent: manyvox\nWebhook-Id: part-1\n\n",
		},
		{
			"query", "url: http://app.example/?sig=a%2Fb+c&z\nparams: {token: x, n: 7}\ntoken: \"s3cr3t&\"",
			"POST /?sig=a%2Fb+c&z&n=7&token=s3cr3t%26 HTTP/1.1\nHost: app.example\nAccept-Encoding: gzip\nContent-Length: 34\nContent-Type: application/json\nUser-Agent: manyvox\nWebhook-Id: part-1\n\n",
		},
		{
			"token_name", "url: http://app.example\ntoken: s3cr3t\ntoken_name: api key",
			"POST /?api+key=s3cr3t HTTP/1.1\nHost: app.example\nAccept-Encoding: gzip\nContent-Length: 34\nContent-Type: application/json\nUser-Agent: manyvox\nWebhook-Id: part-1\n\n",
		},
		{
			"headers", "url: http://app.example\nheaders: {content-type: text/json, host: other.example, user-agent: me, accept-encoding: br, x-key: s3cr3t}",
			"POST / HTTP/1.1\nHost: other.example\nAccept-Encoding: br\nContent-Length: 34\nContent-Type: text/json\nUser-Agent: me\nWebhook-Id: part-1\nX-Key: s3cr3t\n\n",
		},
		{
			"basic_auth", "url: http://app.example\nbasic_auth: {username: me, password: s3cr3t}",
			"POST / HTTP/1.1\nHost: app.example\nAccept-Encoding: gzip\nAuthorization: Basic bWU6czNjcjN0\nContent-Length: 34\nContent-Type: application/json\nUser-Agent: manyvox\nWebhook-Id: part-1\n\n",
		},
		{
			"user in the url", "url: http://me:s3cr3t@app.example",
			"POST / HTTP/1.1\nHost: app.example\nAccept-Encoding: gzip\nAuthorization: Basic bWU6czNjcjN0\nContent-Length: 34\nContent-Type: application/json\nUser-Agent: manyvox\nWebhook-Id: part-1\n\n",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			g := &target{}
			g.listen(t, (*httptest.Server).Start)
			channel, err := callback.OpenOn(configured(t, c.block), g.dial)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := channel.Send(t.Context(), part(channels.Reply{Text: "Hi"})); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]string{c.want + body}, g.seen()); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestSendFails(t *testing.T) {
	t.Parallel()
	class := func(c channels.SendClass, code string) channels.SendError {
		return channels.SendError{Class: c, Scope: channels.ScopeChannel, Code: code}
	}
	throttled := func(code string) channels.SendError {
		e := class(channels.SendThrottled, code)
		e.RetryAfter = 7 * time.Second
		return e
	}
	for _, c := range []struct {
		name   string
		answer http.HandlerFunc
		want   channels.SendError // but for Err
		text   string
	}{
		{"400", status(400), class(channels.SendRejected, "400"), "status 400 Bad Request"},
		{"401", status(401), class(channels.SendUnauthorized, "401"), "status 401 Unauthorized"},
		{"403", status(403), class(channels.SendUnauthorized, "403"), "status 403 Forbidden"},
		{"404", status(404), class(channels.SendUnavailable, "404"), "status 404 Not Found"},
		{"410", status(410), class(channels.SendGone, "410"), "status 410 Gone"},
		{"429", status(429, "Retry-After", "7"), throttled("429"), "status 429 Too Many Requests"},
		{"500", status(500), class(channels.SendUnavailable, "500"), "status 500 Internal Server Error"},
		{"503", status(503, "Retry-After", "7"), throttled("503"), "status 503 Service Unavailable"},
		{"redirect", status(307, "Location", "/other"), class(channels.SendRejected, "307"), "redirects are not followed"},
		{"reset", resets, channels.SendError{Class: channels.SendUnknown}, "reset"},
		{"no answer but an echo", hijacks, channels.SendError{Class: channels.SendUnknown}, "the connection broke"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			g := &target{answer: c.answer}
			var log bytes.Buffer
			channel, err := configured(t, secretBlock(g.listen(t, (*httptest.Server).Start))).Open(channels.Env{
				Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})),
			})
			if err != nil {
				t.Fatal(err)
			}
			receipt, err := channel.(channels.Sender).Send(t.Context(), part(channels.Reply{Text: "s3cr3t text"}))
			var got *channels.SendError
			if !errors.As(err, &got) || !strings.Contains(err.Error(), c.text) || receipt != (channels.Receipt{}) {
				t.Fatalf("receipt %v, error %v, want %q", receipt, err, c.text)
			}
			text := fmt.Sprintf("%v %+v %#v %s", err, err, got.Err, &log)
			got.Err = nil
			if diff := cmp.Diff(&c.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if strings.Contains(text, "s3cr3t") || strings.Contains(text, "czNjcjN0") {
				t.Errorf("shows a secret: %s", text)
			}
			if n := len(g.seen()); n != 1 {
				t.Errorf("%d posts", n)
			}
		})
	}
}

// secretBlock has a secret in every place there is. In base64 they are czNjcjN0.
func secretBlock(address string) string {
	return strings.Replace(address, "http://", "url: http://s3cr3t:s3cr3t-0@", 1) + `/s3cr3t-1?k=s3cr3t-2+
params: {p: "s3cr3t 3/"}
headers: {X-Key: "s3cr3t \"4\""}
basic_auth: {username: me, password: s3cr3t-5}
token: s3cr3t&6
inbound_token: s3cr3t-7
signing_secret: ` + signingKey
}

func TestSendUnsent(t *testing.T) {
	t.Parallel()
	closed := httptest.NewServer(nil)
	closed.Close()
	secure := (&target{}).listen(t, (*httptest.Server).StartTLS)
	for _, c := range []struct {
		name, address string
		reply         channels.Reply
		want          string
	}{
		{"refused", closed.URL, channels.Reply{}, "unavailable: dial tcp "},
		{"self-signed", secure, channels.Reply{}, "unavailable: tls: failed to verify certificate"},
		{"no JSON", closed.URL, channels.Reply{Custom: []byte("{s3cr3t")}, "rejected: the reply is not JSON"},
		{
			"not fitted", closed.URL, channels.Reply{Elements: make([]channels.Element, 2)},
			"rejected: a part that shows 2 messages: Fit makes a part of each",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			channel, err := configured(t, "url: "+c.address+"/s3cr3t").Open(channels.Env{})
			if err != nil {
				t.Fatal(err)
			}
			_, err = channel.(channels.Sender).Send(t.Context(), part(c.reply))
			if err == nil || !strings.HasPrefix(err.Error(), c.want) || strings.Contains(err.Error(), "s3cr3t") {
				t.Errorf("error %v, want %q", err, c.want)
			}
		})
	}
}

// Every conversation has the same target, and so the same rate key.
func TestRateKey(t *testing.T) {
	t.Parallel()
	channel, err := configured(t, callback.Type().Example).Open(channels.Env{})
	if err != nil {
		t.Fatal(err)
	}
	keyer := channel.(channels.Keyer)
	ann, bob := keyer.RateKey(channels.Part{Sender: "ann", Address: "a"}), keyer.RateKey(channels.Part{Sender: "bob"})
	if ann == "" || ann != bob {
		t.Errorf("keys %q and %q, want one for all", ann, bob)
	}
}

func TestSendTimeout(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		channel, err := callback.OpenOn(configured(t, "url: http://app.example\ntimeout: 5s"), hang)
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		_, err = channel.Send(t.Context(), part(channels.Reply{Text: "Hi"}))
		if channels.AsSendError(err).Class != channels.SendUnknown || time.Since(start) != 5*time.Second {
			t.Errorf("error %v after %v", err, time.Since(start))
		}
	})
}

func TestSendTrustsCAFile(t *testing.T) {
	t.Parallel()
	g := &target{}
	address := g.listen(t, (*httptest.Server).StartTLS)
	channel, err := configured(t, "url: "+address+"\ncafile: "+g.cafile(t)).Open(channels.Env{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := channel.(channels.Sender).Send(t.Context(), part(channels.Reply{Text: "Hi"})); err != nil || len(g.seen()) != 1 {
		t.Errorf("error %v, %d posts", err, len(g.seen()))
	}
}
