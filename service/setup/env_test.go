package setup_test

import (
	"log/slog"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/config"
	"github.com/manyvox/manyvox/service/setup"
)

// envConfig keeps what it is opened with.
type envConfig struct{ env *channels.Env }

func (*envConfig) Validate() error { return nil }

func (c *envConfig) Open(env channels.Env) (channels.Channel, error) {
	*c.env = env
	return channels.Webhook{}, nil
}

// A channel is given all of its Env, with or without a --public-url: Dial takes it anywhere,
// DialPublic not to this machine.
func TestEnv(t *testing.T) {
	t.Parallel()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for _, public := range []string{"", "https://bot.example/x"} {
		var env channels.Env
		typ := channels.Type{Name: "env", New: func() channels.Config { return &envConfig{&env} }}
		block, err := config.Parse("credentials.yml", []byte("mine: {type: env}\n"), nil)
		if err != nil {
			t.Fatal(err)
		}
		links, err := setup.NewLinks(public)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := setup.ReloadCredentials(block, []channels.Type{typ}, "", links, slog.New(slog.DiscardHandler), nil); err != nil {
			t.Fatal(err)
		}
		want := ""
		if public != "" {
			want = public + "/webhooks/mine/media/"
		}
		if link := env.Sign("r", time.Hour); env.PublicURL != public || !strings.HasPrefix(link, want) || (link == "") != (want == "") {
			t.Errorf("PublicURL %q, link %q", env.PublicURL, link)
		}
		conn, err := env.Dial(t.Context(), "tcp", l.Addr().String())
		if err != nil {
			t.Fatalf("Dial: %v", err)
		}
		conn.Close()
		if conn, err := env.DialPublic(t.Context(), "tcp", l.Addr().String()); err == nil {
			conn.Close()
			t.Error("DialPublic connects to this machine")
		}
	}
}
