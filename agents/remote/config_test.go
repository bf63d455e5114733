package remote_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/agents/remote"
	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/config"
)

func TestDecode(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, yaml string
		want       *remote.Config
	}{
		{"defaults", "url: http://localhost:5006", &remote.Config{URL: "http://localhost:5006", Protocol: "connect", Sender: "{sender}"}},
		{
			"all", "url: https://x.test/a\nprotocol: grpcweb\ntoken: s3cr3t\nchannel: desk\nsender: \"{channel}:{sender}\"",
			&remote.Config{URL: "https://x.test/a", Protocol: "grpcweb", Token: "s3cr3t", Channel: "desk", Sender: "{channel}:{sender}"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			block, err := config.Parse("endpoints.yml", []byte(c.yaml), nil)
			if err != nil {
				t.Fatal(err)
			}
			got := remote.Type().New().(*remote.Config)
			if err := block.Decode(got); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if err := got.Validate(); err != nil || got.Server() != c.want.URL {
				t.Errorf("server %s, error %v", got.Server(), err)
			}
		})
	}
}

func TestValidate(t *testing.T) {
	t.Parallel()
	const address = "url: expected an address such as http://localhost:5006"
	for _, c := range []struct {
		name   string
		change func(*remote.Config)
		want   string
	}{
		{"no url", func(c *remote.Config) { c.URL = "" }, "url: required: the address of the service, such as http://localhost:5006"},
		{"no scheme", func(c *remote.Config) { c.URL = "localhost:5006" }, address},
		{"not a url", func(c *remote.Config) { c.URL = "http://s3cr3t%zz" }, address},
		{"userinfo", func(c *remote.Config) { c.URL = "http://me:s3cr3t@x.test" }, "url: expected no user and password: a token belongs into the key token"},
		{"query", func(c *remote.Config) { c.URL = "http://x.test?token=s3cr3t" }, "url: expected nothing after the path: a token belongs into the key token"},
		{"a method", func(c *remote.Config) { c.URL = "http://x.test/manyvox.v1.ChannelService/Receive" }, "url: expected the service's address alone, such as http://localhost:5006: the path of its methods is added"},
		{"protocol", func(c *remote.Config) { c.Protocol = "soap" }, `protocol: expected "connect", "grpc" or "grpcweb"`},
		{"token", func(c *remote.Config) { c.Token = "s3cr3t\n" }, "token: expected one line of text"},
		{"sender", func(c *remote.Config) { c.Sender = "{team}{sender}" }, "sender: unknown placeholder {team}: known are {channel} and {sender}"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			conf := &remote.Config{URL: "http://x.test", Protocol: "grpc", Sender: "{sender}"}
			c.change(conf)
			if err := conf.Validate(); err == nil || err.Error() != c.want {
				t.Errorf("error %v, want %s", err, c.want)
			}
		})
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		channels string
		sender   agents.Template
		warns    bool
	}{{"rest", "{sender}", false}, {"rest,slack", "{sender}", true}, {"rest,slack", "{channel}-{sender}", false}} {
		if got := (&remote.Config{Sender: c.sender}).Check(strings.Split(c.channels, ",")); (got != nil) != c.warns {
			t.Errorf("%s, %s: %q", c.channels, c.sender, got)
		}
	}
}

// TestScheme refuses gRPC in plain text where TLS is asked for, and so on: no answer comes from
// a server of another scheme.
func TestScheme(t *testing.T) {
	t.Parallel()
	url := listen(t, &service{})
	for _, p := range protocols() {
		a := open(t, strings.Replace(url, "http:", "https:", 1), func(c *remote.Config) { c.Protocol = p })
		err := answerOf(t, a)
		if e := channels.AsError(err); e.Code != channels.CodeUnavailable || !agents.IsNotReached(err) {
			t.Errorf("%s: error %v", p, err)
		}
	}
}
