package channels_test

import (
	"fmt"
	"testing"

	"github.com/manyvox/manyvox/channels"
)

func TestIsAddress(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]bool{
		"https://api.example": true, "http://127.0.0.1:80/base/": true, "": false, "api.example": false, "ftp://a": false,
		"https://a?key=1": false, "https://a#x": false, "https://": false, "https://a b": false,
	} {
		if got := channels.IsAddress(value); got != want {
			t.Errorf("%q: %v", value, got)
		}
	}
}

func TestOneOf(t *testing.T) {
	t.Parallel()
	if err := channels.OneOf("groups", "all", "none", "all"); err != nil {
		t.Error(err)
	}
	if err := channels.OneOf("groups", "some", "none", "all"); err == nil || err.Error() != `groups: "some" is none of none, all` {
		t.Error(err)
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	if err := channels.Check(true, "token", "required"); err != nil {
		t.Error(err)
	}
	if err := channels.Check(false, "token", "required"); err == nil || err.Error() != "token: required" {
		t.Error(err)
	}
}

func TestHostOf(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{"https://bot.example:8443/secret?key=1": "bot.example:8443", "%": "", "": ""} {
		if got := channels.HostOf(address); got != want {
			t.Errorf("%q: %q", address, got)
		}
	}
}

func TestParseProxy(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{"": "<nil>", "%": "<nil>", "http://proxy.test:3128": "http://proxy.test:3128"} {
		if got := fmt.Sprint(channels.ParseProxy(value)); got != want {
			t.Errorf("%q: %s", value, got)
		}
	}
}

func TestIsBelow(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		base, address string
		want          bool
	}{
		{"https://slack.com/api", "https://slack.com/a", true},
		{"https://slack.com/api", "https://files.slack.com/a", true},
		{"https://www.slack.com/api", "wss://wss-primary.slack.com/link/?ticket=1", true},
		{"https://slack.com/api", "wss://slack.com/link", true},
		{"http://127.0.0.1:8081/api", "http://127.0.0.1:8081/upload", true},
		{"http://127.0.0.1:8081/api", "ws://127.0.0.1:8081/link", true},
		{"https://slack.com/api", "http://files.slack.com/a", false},
		{"https://slack.com/api", "http://slack.com/a", false},
		{"https://slack.com/api", "https://files.slack.com:8443/a", false},
		{"https://slack.com/api", "https://evilslack.com/a", false},
		{"https://slack.com/api", "https://slack.com.evil.test/a", false},
		{"https://slack.com/api", "https://slack.com@evil.test/a", false},
		{"https://slack.com/api", "https://me@slack.com/a", false},
		{"https://slack.com/api", "file:///etc/passwd", false},
		{"https://slack.com/api", "", false},
		{"https://slack.com/api", "https://%zz", false},
		{"http://127.0.0.1:8081/api", "http://127.0.0.1:9/upload", false},
		{"%", "https://slack.com", false},
	} {
		if got := channels.IsBelow(x.base, x.address); got != x.want {
			t.Errorf("%s, %s: %v", x.base, x.address, got)
		}
	}
}
