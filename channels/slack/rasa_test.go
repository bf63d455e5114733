package slack_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/channels/channeltest"
	"github.com/manyvox/manyvox/config"
)

// TestRasaMetadata has the metadata that Rasa's own tests ask for.
func TestRasaMetadata(t *testing.T) {
	t.Parallel()
	direct := func(envelope, event string) string {
		return `{"type":"event_callback","team_id":"T1",` + envelope + `"event":{"type":"message","channel":"channel1","channel_type":"im","user":"U1","text":"hi","ts":"1579802617.000800"` + event + `}}`
	}
	for _, x := range []struct {
		name, body, header string
		want               object
	}{
		{"authed_users", direct(`"authed_users":["X","Y","Z"],`, ""), "application/json", object{"out_channel": "channel1", "thread_id": "1579802617.000800", "users": []any{"X", "Y", "Z"}}},
		{"authorizations", direct(`"authorizations":[{"user_id":"W"}],`, ""), "application/json", object{"out_channel": "channel1", "thread_id": "1579802617.000800", "users": []any{"W"}}},
		{"a thread", direct("", `,"thread_ts":"1.5"`), "application/json", object{"out_channel": "channel1", "thread_id": "1.5", "users": []any{}}},
		{"neither", direct("", ""), "application/json", object{"out_channel": "channel1", "thread_id": "1579802617.000800", "users": []any{}}},
		{
			"block_actions", url.Values{"payload": {`{"type":"block_actions","user":{"id":"XXXXXXX"},"channel":{"id":"YYY"},"message":{"ts":"2.5"},"actions":[{"type":"button","value":"a"}]}`}}.Encode(),
			"application/x-www-form-urlencoded", object{"out_channel": "YYY", "thread_id": "2.5", "users": []any{"XXXXXXX"}},
		},
		// Rasa has no metadata without a content type that it knows, and answers nothing of
		// the kind.
		{"no content type", direct("", ""), "", object{"out_channel": "channel1", "thread_id": "1579802617.000800", "users": []any{}}},
		{"another content type", direct("", ""), "unknown", object{"out_channel": "channel1", "thread_id": "1579802617.000800", "users": []any{}}},
	} {
		t.Run(x.name, func(t *testing.T) {
			t.Parallel()
			in, header := &channeltest.Inbox{}, signed(time.Now(), x.body)
			header["Content-Type"] = x.header
			postWith(channeltest.Open(t, typ(), webhook).Inbound(in), x.body, header)
			if len(in.Posted()) != 1 {
				t.Fatalf("%d messages", len(in.Posted()))
			}
			got := decode(t, in.Posted()[0].Metadata)
			for key := range got {
				if x.want[key] == nil {
					delete(got, key) // ours
				}
			}
			if diff := cmp.Diff(x.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// TestRasaText has the texts of Rasa's tests, and those in which we see more.
func TestRasaText(t *testing.T) {
	t.Parallel()
	const want = "You can sit here if you want"
	for text, want := range map[string]string{
		"You can sit here <@17213535> if you want<@17213535>":                  want,
		"<@17213535> You can sit here if you want<@17213535> ":                 want,
		"<@17213535>You can sit here if you want <@17213535>":                  want,
		"<@17213535> You can sit here if you want":                             want,
		"Hey <@17213535>, you can sit here if you want<@17213535>!":            "Hey, you can sit here if you want !",
		"You can sit<@17213535> here":                                          "You can sit here",
		"convert garbled url to <http://vicdb-f.net|vicdb-f.net>":              "convert garbled url to vicdb-f.net",
		"convert <http://vicdb-f.net|vicdb-f.net> and <https://a.test|a.test>": "convert vicdb-f.net and a.test",
		"mail <mailto:xyz@rasa.com|xyz@rasa.com>":                              "mail xyz@rasa.com",
		"see <https://a.test/?a=1&amp;b=2>":                                    "see https://a.test/?a=1&b=2",
		"a &lt;b&gt; &amp;amp; &quot;":                                         `a <b> &amp; &quot;`,
		"ask <@U2|ben>, <@U3>, <#C1|crew>, <#C2>":                              "ask @ben, @U3, #crew, #C2",
		"<!here> <!channel|channel> <!subteam^S1|@grp> <!subteam^S1>":          "@here @channel @grp @subteam",
		"on <!date^1392734382^{date}^https://x.test|Feb 18, 2014 PST>":         "on Feb 18, 2014 PST",
		"&lt;@U2&gt; is no mention":                                            "<@U2> is no mention",
		"<@17213535|vox> hi":                                                   "hi",
		"1 < 2 > 0 and <>":                                                     "1 < 2 > 0 and <>",
	} {
		body, err := channels.Marshal(object{
			"type": "event_callback", "authed_users": []string{"17213535"},
			"event": object{"type": "message", "channel_type": "im", "channel": "D1", "user": "U1", "ts": "1.1", "text": text},
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := posted(t, webhook, string(body)); len(got) != 1 || got[0].Text != want {
			t.Errorf("%s: %+v, want %q", text, got, want)
		}
	}
}

// TestRasaUserMessage has what is a user's message.
func TestRasaUserMessage(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]int{
		`{}`: 0,
		`{"type":"event_callback","event":{"type":"message","channel_type":"im","channel":"D1","text":"hi","user":"U1","ts":"1.1"}}`:               1,
		`{"type":"event_callback","event":{"type":"message","channel_type":"im","channel":"D1","text":"hi","user":"U1","ts":"1.1","bot_id":"B1"}}`: 0,
	} {
		if got := posted(t, webhook, body); len(got) != want {
			t.Errorf("%s: %+v", body, got)
		}
	}
}

// TestRasaRetry has a redelivery for a reason that is not wanted. Rasa answers 201 and drops it, so
// that a message whose first delivery was lost is lost for ever. Here its id tells whether it is
// known.
func TestRasaRetry(t *testing.T) {
	t.Parallel()
	body, in := event(`"type":"message","text":"a"`), &channeltest.Inbox{}
	header := signed(time.Now(), body)
	header["X-Slack-Retry-Num"], header["X-Slack-Retry-Reason"] = "1", "http_timeout"
	w := postWith(channeltest.Open(t, typ(), webhook).Inbound(in), body, header)
	if w.Code != http.StatusOK || w.Body.Len() != 0 || len(in.Posted()) != 1 || in.Posted()[0].ID != "T0AAA1/D0AAA1/1.000100" {
		t.Errorf("status %d, %+v", w.Code, in.Posted())
	}
}

// TestRasaSignature has the signatures that Rasa's tests refuse.
func TestRasaSignature(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const body = `{"foo": "bar"}`
		at(1604586653)
		h := channeltest.Open(t, typ(), strings.Replace(webhook, secret, "foobar", 1)).Inbound(&channeltest.Inbox{})
		now := time.Now()
		for name, x := range map[string]struct {
			header map[string]string
			want   int
		}{
			"right":          {signedBy("foobar", now, body), 200},
			"10 minutes old": {signedBy("foobar", now.Add(-10*time.Minute), body), 401},
			"a word":         {map[string]string{"X-Slack-Request-Timestamp": "foobar", "X-Slack-Signature": "v0=80a3bd62ce5af04d8d80781134f165df185b90342d467abf5c74a27d2d0dd1f5"}, 401},
			"another secret": {signedBy("foobaz", now, body), 401},
			"no headers":     {nil, 401},
		} {
			if w := postWith(h, body, x.header); w.Code != x.want {
				t.Errorf("%s: status %d", name, w.Code)
			}
		}
	})
}

// TestRasaConfig has the keys that Rasa asks for, and its defaults.
func TestRasaConfig(t *testing.T) {
	t.Parallel()
	b, err := config.Parse("credentials.yml", []byte("slack_token: a"), nil)
	if err != nil {
		t.Fatal(err)
	}
	c := typ().New()
	if err := b.Decode(c); err != nil {
		t.Fatal(err)
	}
	if err := c.Validate(); err == nil || !strings.Contains(err.Error(), "slack_signing_secret: required") {
		t.Errorf("a token alone: %v", err)
	}
	if got := posted(t, webhook+"\nslack_channel: C1", event(`"type":"message","text":"a"`)); got[0].Sender != "U0AAA1" {
		t.Errorf("the granularity is not by sender: %+v", got)
	}
	if routes := []string{typ().Name, typ().Aliases[0]}; routes[0] != "slack" || routes[1] != "rasa.core.channels.slack.SlackInput" {
		t.Errorf("%v", routes)
	}
}
