package rasa_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/agents/rasa"
	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/config"
)

func decode(t *testing.T, yaml string) *rasa.Config {
	t.Helper()
	block, err := config.Parse("endpoints.yml", []byte(yaml), nil)
	if err != nil {
		t.Fatal(err)
	}
	c := rasa.Type().New().(*rasa.Config)
	if err := block.Decode(c); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestDefaults(t *testing.T) {
	t.Parallel()
	got := decode(t, "url: http://localhost:5006")
	want := &rasa.Config{
		URL: "http://localhost:5006", Channel: "rest", Stream: rasa.ModeAuto,
		IdleTimeout: time.Minute, Sender: "{sender}",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if err := got.Validate(); err != nil {
		t.Error(err)
	}
	if got := rasa.Type(); got.Timeout != 5*time.Minute || got.Repeat != agents.RepeatCrash {
		t.Errorf("timeout %v, repeat %v", got.Timeout, got.Repeat)
	}
}

func TestDecode(t *testing.T) {
	t.Parallel()
	got := decode(t, `
url: https://rasa.test/bot
channel: website
stream: never
idle_timeout: 20s
token: s3cr3t&tok en
headers: {Authorization: b4sic-s3cr3t}
sender: "{channel}:{sender}"
secret: whsec_c2VjcmV0
`)
	want := &rasa.Config{
		URL: "https://rasa.test/bot", Channel: "website", Stream: rasa.ModeNever, IdleTimeout: 20 * time.Second,
		Token: token, Headers: map[string]channels.Secret{"Authorization": header}, Sender: "{channel}:{sender}",
		Secret: "whsec_c2VjcmV0",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if err := got.Validate(); err != nil {
		t.Error(err)
	}
	noSecret(t, "the printed config", fmt.Sprintf("%v %+v %#v", got, got, got))
}

func TestValidate(t *testing.T) {
	t.Parallel()
	url := func(u string) change { return func(c *rasa.Config) { c.URL = u } }
	sender := func(s agents.Template) change { return func(c *rasa.Config) { c.Sender = s } }
	secret := func(s channels.Secret) change { return func(c *rasa.Config) { c.Secret = s } }
	channel := func(s string) change { return func(c *rasa.Config) { c.Channel = s } }
	headers := func(name string, value channels.Secret) change {
		return func(c *rasa.Config) { c.Headers = map[string]channels.Secret{name: value} }
	}
	for _, c := range []struct {
		name   string
		change change
		want   string // nothing when the configuration is right
	}{
		{"path prefix", url("https://rasa.test/a/b/"), ""},
		{"ipv6", url("http://[::1]:5005"), ""},
		{"no url", url(""), "url: required: the address of Rasa, such as http://localhost:5006"},
		{"no scheme", url("localhost:5005"), "url: expected an address such as http://localhost:5006"},
		{"other scheme", url("ftp://rasa.test"), "url: expected an address such as http://localhost:5006"},
		{"no host", url("http://:5005"), "url: expected an address such as http://localhost:5006"},
		{"not a url", url("http://rasa.test/%zz" + header), "url: expected an address such as http://localhost:5006"},
		{
			"userinfo", url("http://me:" + header + "@rasa.test"),
			"url: expected no user and password: write an Authorization header under headers",
		},
		{"query", url("http://rasa.test?token=" + header), "url: expected nothing after the path: a token belongs into the key token"},
		{"fragment", url("http://rasa.test#x"), "url: expected nothing after the path: a token belongs into the key token"},
		{"odd channel", channel("my channel"), ""},
		{"no channel", channel(""), "channel: expected one segment of a path, such as rest"},
		{"channel with a slash", channel("../rest"), "channel: expected one segment of a path, such as rest"},
		{"channel above", channel(".."), "channel: expected one segment of a path, such as rest"},
		{"stream", func(c *rasa.Config) { c.Stream = "yes" }, `stream: expected "auto", "always" or "never"`},
		{"idle", func(c *rasa.Config) { c.IdleTimeout = 0 }, `idle_timeout: expected more than zero, such as "60s"`},
		{"secret", secret("whsec_c2VjcmV0"), ""},
		{"no base64 in the secret", secret("whsec_" + header), `secret: expected base64, usually after "whsec_": make one by openssl rand -base64 32`},
		{"template", sender("{channel}-{sender}"), ""},
		{"unknown placeholder", sender("{sender}{team}"), "sender: unknown placeholder {team}: known are {channel} and {sender}"},
		{"one sender for all", sender("{channel}"), `sender: expected {sender} in it, as in "{channel}:{sender}"`},
		{"authorization", headers("authorization", "Basic x"), ""},
		{"content type", headers("content-type", "text/plain"), "headers.content-type: set by Manyvox"},
		{"host", headers("Host", "rasa"), "headers.Host: set by Manyvox"},
		{"header name", headers("a b", "x"), `headers: "a b" is not the name of a header`},
		{"header value", headers("X-A", header+"\r\nX-B: y"), "headers.X-A: expected one line of text"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var got string
			if err := configured("http://rasa.test", c.change).Validate(); err != nil {
				got = err.Error()
			}
			if got != c.want {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
			noSecret(t, "the error", got)
		})
	}
}

func TestValidateNamesAll(t *testing.T) {
	t.Parallel()
	err := (&rasa.Config{}).Validate()
	for _, key := range []string{"url", "channel", "stream", "idle_timeout", "sender"} {
		if !strings.Contains(err.Error(), key+":") {
			t.Errorf("%q does not name %s", err, key)
		}
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		channels []string
		sender   agents.Template
		want     []string
	}{
		{"one channel", []string{"rest"}, "{sender}", nil},
		{"told apart", []string{"rest", "slack"}, "{channel}:{sender}", nil},
		{"shared", []string{"rest", "slack"}, "{sender}", []string{
			`agent rasa: a sender of the same name on rest, slack shares one tracker: to keep them apart write sender: "{channel}:{sender}"`,
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			conf := configured("http://rasa.test", func(conf *rasa.Config) { conf.Sender = c.sender })
			if diff := cmp.Diff(c.want, conf.Check(c.channels)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// What Rasa says outside a turn is signed with the secret, and names senders as the agent does.
func TestPusher(t *testing.T) {
	t.Parallel()
	h := onLoopback(t, &fake{}, func(c *rasa.Config) { c.Secret, c.Sender = "whsec_c2VjcmV0", "{channel}:{sender}" })
	if got := string(h.agent.PushKey()); got != "secret" {
		t.Errorf("the key is %q", got)
	}
	if sender, ok := h.agent.SenderOf("sms", "sms:+49"); !ok || sender != "+49" {
		t.Errorf("the sender is %q, %v", sender, ok)
	}
	if _, ok := h.agent.SenderOf("rest", "sms:+49"); ok {
		t.Error("a sender of another channel")
	}
	if h := onLoopback(t, &fake{}); len(h.agent.PushKey()) > 0 {
		t.Error("a key without a secret")
	}
}
