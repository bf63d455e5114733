package callback_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/channels/callback"
	"github.com/manyvox/manyvox/config"
)

// load decodes, validates and opens a block as the service does.
func load(t *testing.T, block string) (*callback.Config, error) {
	t.Helper()
	file, err := config.Parse("credentials.yml", []byte(block), nil)
	if err != nil {
		t.Fatal(err)
	}
	file = file.Named("channel callback")
	c := callback.Type().New().(*callback.Config)
	if err := file.Decode(c); err != nil {
		return c, err
	}
	if err := c.Validate(); err != nil {
		return c, file.Wrap(err)
	}
	_, err = c.Open(channels.Env{})
	return c, file.Wrap(err)
}

func TestDefaults(t *testing.T) {
	t.Parallel()
	got, err := load(t, "url: https://app.example/bot")
	want := &callback.Config{URL: "https://app.example/bot", TokenName: "token", Timeout: 30 * time.Second}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("error %v, -want +got:\n%s", err, diff)
	}
}

func TestDecode(t *testing.T) {
	t.Parallel()
	got, err := load(t, `
url: https://user:s3cr3t-1@app.example/bot?k=s3cr3t-2
params: {n: 7, p: s3cr3t-3}
headers: {X-Key: s3cr3t-4}
basic_auth: {username: me, password: s3cr3t-5}
token: s3cr3t-6
token_name: key
inbound_token: s3cr3t-7
signing_secret: whsec_czNjcjN0LThzM2NyM3QtOHMzY3IzdC04
timeout: 5s
`)
	want := &callback.Config{
		URL:       "https://user:s3cr3t-1@app.example/bot?k=s3cr3t-2",
		Params:    map[string]channels.Secret{"n": "7", "p": "s3cr3t-3"},
		Headers:   map[string]channels.Secret{"X-Key": "s3cr3t-4"},
		BasicAuth: &callback.BasicAuth{Username: "me", Password: "s3cr3t-5"},
		Token:     "s3cr3t-6", TokenName: "key", InboundToken: "s3cr3t-7",
		SigningSecret: "whsec_czNjcjN0LThzM2NyM3QtOHMzY3IzdC04", Timeout: 5 * time.Second,
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("error %v, -want +got:\n%s", err, diff)
	}
	if text := fmt.Sprintf("%v %+v %#v %+v", got, got, got, got.BasicAuth); strings.Contains(text, "s3cr3t") || strings.Contains(text, "czNj") {
		t.Errorf("printed as %s", text)
	}
}

func TestRefuses(t *testing.T) {
	t.Parallel()
	const url = "url: https://app.example/bot\n"
	junk := filepath.Join(t.TempDir(), "junk.pem")
	if err := os.WriteFile(junk, []byte("s3cr3t"), 0o600); err != nil {
		t.Fatal(err)
	}
	const address = "credentials.yml:1: channel callback: url: expected an address such as https://app.example/bot"
	for _, c := range []struct {
		name, block, want string
	}{
		{"empty block", "", "credentials.yml:1: channel callback: url: required: the address that replies are posted to, such as https://app.example/bot"},
		{"no scheme", "url: app.example/s3cr3t", address},
		{"other scheme", "url: ftp://app.example/s3cr3t", address},
		{"no host", "url: https:///s3cr3t", address},
		{"not a URL", "url: https://app.example/%zz-s3cr3t", address},
		{
			"unknown key", url + "tokens: s3cr3t",
			`credentials.yml:2: channel callback: unknown key "tokens": did you mean "token"?`,
		},
		{
			"unknown key of basic_auth", url + "basic_auth: {user: me, password: s3cr3t}",
			`credentials.yml:2: channel callback: unknown key "basic_auth.user": known are password, username`,
		},
		{
			"no username", url + "basic_auth: {password: s3cr3t}",
			"credentials.yml:2: channel callback: basic_auth: expected username and password under it",
		},
		{"colon", url + "basic_auth: {username: 'a:b'}", "credentials.yml:2: channel callback: basic_auth: a username holds no colon"},
		{
			"two authorizations", url + "basic_auth: {username: me}\nheaders: {authorization: s3cr3t}",
			"credentials.yml:2: channel callback: basic_auth: sent as the header Authorization, which is under headers too: keep one of them",
		},
		{"no token name", url + `token_name: ""`, "credentials.yml:2: channel callback: token_name: expected the name of a query parameter, such as token"},
		{"framing header", url + "headers: {Content-Length: 3}", "credentials.yml:2: channel callback: headers: Content-Length is set by Manyvox"},
		{"our header", url + "headers: {Webhook-ID: s3cr3t}", "credentials.yml:2: channel callback: headers: Webhook-ID is set by Manyvox"},
		{"header name", url + `headers: {"a b": s3cr3t}`, `credentials.yml:2: channel callback: headers: "a b" is not the name of a header`},
		{"header value", url + `headers: {X-A: "s3cr3t\nX-B: 1"}`, "credentials.yml:2: channel callback: headers: X-A: not a value that a header can have"},
		{"host", url + `headers: {Host: "s3cr3t/"}`, "credentials.yml:2: channel callback: headers: Host: not a value that a header can have"},
		{
			"key not in base64", url + "signing_secret: whsec_s3cr3t!",
			`credentials.yml:2: channel callback: signing_secret: expected base64, usually after "whsec_": make one by openssl rand -base64 32`,
		},
		{
			"empty key", url + "signing_secret: whsec_",
			`credentials.yml:2: channel callback: signing_secret: expected base64, usually after "whsec_": make one by openssl rand -base64 32`,
		},
		{"timeout", url + "timeout: 0s", `credentials.yml:2: channel callback: timeout: expected more than zero, such as "30s"`},
		{"no cafile", url + "cafile: testdata/none.pem", "credentials.yml:2: channel callback: cafile: open testdata/none.pem: no such file or directory"},
		{"cafile is no PEM", url + "cafile: " + junk, "credentials.yml:2: channel callback: cafile: " + junk + ": no certificate in PEM form"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var got string
			if _, err := load(t, c.block); err != nil {
				got = err.Error()
			}
			if got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			if strings.Contains(got, "s3cr3t") {
				t.Error("shows a secret")
			}
		})
	}
}
