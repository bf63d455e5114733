package webhook_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/agents/webhook"
	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/config"
)

func TestDecode(t *testing.T) {
	t.Parallel()
	block, err := config.Parse("endpoints.yml", []byte("url: https://app.example/agent?key=s3cr3t\nsecret: "+secret+"\nheaders: {Authorization: s3cr3t}"), nil)
	if err != nil {
		t.Fatal(err)
	}
	got := webhook.Type().New().(*webhook.Config)
	if err := block.Decode(got); err != nil {
		t.Fatal(err)
	}
	want := &webhook.Config{
		URL: "https://app.example/agent?key=s3cr3t", Secret: secret, Headers: map[string]channels.Secret{"Authorization": "s3cr3t"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if err := got.Validate(); err != nil {
		t.Error(err)
	}
	if text := fmt.Sprintf("%v %+v %#v", got, got, got); strings.Contains(text, "s3cr3t") || strings.Contains(text, secret) {
		t.Errorf("printed as %s", text)
	}
	if got.Server() != want.URL.Reveal() || webhook.Type().Repeat != agents.RepeatCrash {
		t.Errorf("server %s, repeat %s", got.Server(), webhook.Type().Repeat)
	}
}

func TestValidate(t *testing.T) {
	t.Parallel()
	const url = "https://app.example/"
	header := func(name string, value channels.Secret) webhook.Config {
		return webhook.Config{URL: url, Headers: map[string]channels.Secret{name: value}}
	}
	for _, c := range []struct {
		name   string
		config webhook.Config
		want   string
	}{
		{"alone", webhook.Config{URL: url}, ""},
		{"no url", webhook.Config{}, "url: required: where messages are posted, such as https://app.example/manyvox"},
		{"no scheme", webhook.Config{URL: "app.example"}, "url: expected an address such as https://app.example/manyvox"},
		{"not a url", webhook.Config{URL: "http://s3cr3t%zz"}, "url: expected an address such as https://app.example/manyvox"},
		{"userinfo", webhook.Config{URL: "https://me:s3cr3t@app.example"}, "url: expected no user and password: write an Authorization header under headers"},
		{"fragment", webhook.Config{URL: url + "#s3cr3t"}, "url: expected no fragment: servers do not see it"},
		{"secret", webhook.Config{URL: url, Secret: "whsec_s3cr3t!"}, `secret: expected base64, usually after "whsec_": make one by openssl rand -base64 32`},
		{"a header of ours", header("Webhook-Signature", "s3cr3t"), "headers.Webhook-Signature: set by Manyvox"},
		{"header name", header("a b", "s3cr3t"), `headers: "a b" is not the name of a header`},
		{"header value", header("X-A", "s3cr3t\r\nX-B: y"), "headers.X-A: expected one line of text"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := ""
			if err := c.config.Validate(); err != nil {
				got = err.Error()
			}
			if got != c.want {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
		})
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	if got := (&webhook.Config{}).Check(nil); len(got) != 1 {
		t.Errorf("%q", got)
	}
	for _, c := range []webhook.Config{{Secret: secret}, {Headers: map[string]channels.Secret{"Authorization": "x"}}} {
		if got := c.Check(nil); got != nil {
			t.Errorf("%q", got)
		}
	}
}
