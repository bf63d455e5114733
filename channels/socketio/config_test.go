package socketio_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/channels/channeltest"
	"github.com/manyvox/manyvox/channels/socketio"
	"github.com/manyvox/manyvox/config"
)

func TestContract(t *testing.T) {
	t.Parallel()
	channeltest.Contract(t, socketio.Type(), channeltest.Case{})
}

func decode(t *testing.T, block string) *socketio.Config {
	t.Helper()
	b, err := config.Parse("credentials.yml", []byte(block), nil)
	if err != nil {
		t.Fatal(err)
	}
	config := socketio.Type().New().(*socketio.Config)
	if err := b.Decode(config); err != nil {
		t.Fatal(err)
	}
	return config
}

// TestConfigOfRasa decodes the block that Rasa's documentation shows, with every key.
func TestConfigOfRasa(t *testing.T) {
	t.Parallel()
	config := decode(t, `
user_message_evt: user_uttered
bot_message_evt: bot_uttered
session_persistence: true
namespace:
socketio_path: /socket.io
jwt_key: key
jwt_method: HS256
metadata_key: customData
enable_silence_timeout: false
`)
	if err := config.Validate(); err != nil {
		t.Error(err)
	}
	if config.Namespace != "/" || !config.SessionPersistence || config.MetadataKey != "customData" {
		t.Errorf("%+v", config)
	}
}

func TestConfigRefuses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, block, want string }{
		{"no event", `user_message_evt: ""`, "user_message_evt: expected the name of an event that is not reserved"},
		{"an event of the library", "bot_message_evt: connect", "bot_message_evt: expected the name of an event that is not reserved"},
		{"an event of ours", "user_message_evt: session_request", "user_message_evt: expected the name of an event that is not reserved"},
		{"the same events", "user_message_evt: bot_uttered", "bot_message_evt: the same as user_message_evt"},
		{"namespace", "namespace: chat", `namespace: expected a name such as "/chat"`},
		{"no path", `socketio_path: ""`, "socketio_path: expected a path such as /socket.io"},
		{"a path with a slash", "socketio_path: /a/", "socketio_path: expected a path such as /socket.io"},
		{"a path that is a pattern", `socketio_path: "/{a}"`, "socketio_path: expected a path such as /socket.io"},
		{"method", "jwt_method: none", "jwt_method: expected one of HS256, HS384, HS512, RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512, EdDSA"},
		{"key", "jwt_method: RS256\njwt_key: s3cr3t", "jwt_key: expected a public key in PEM form that fits jwt_method RS256"},
		{"a claim of no token", "jwt_require_exp: true", "jwt_require_exp: without jwt_key no token is asked for"},
		{"metadata", `metadata_key: ""`, "metadata_key: expected a name such as metadata"},
		{"secret", "session_secret: short", "session_secret: expected at least 16 bytes, as openssl rand -hex 32 makes them"},
		{"limits", "max_payload: 0\nmax_sessions: -1\nmax_messages: 0", "max_payload: expected a positive number\nmax_sessions: expected a positive number\nmax_messages: expected a positive number"},
		{"times", "offline_ttl: 0s\nping_interval: 0s\nping_timeout: -1s", "offline_ttl: expected more than zero, such as \"30s\"\nping_interval: expected more than zero, such as \"30s\"\nping_timeout: expected more than zero, such as \"30s\""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			err := decode(t, c.block).Validate()
			if err == nil {
				t.Fatal("it is taken")
			}
			if diff := cmp.Diff(c.want, err.Error()); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestMissing(t *testing.T) {
	t.Parallel()
	const anyone, ends = "jwt_key", "session_secret (sessions end with the program)"
	secret := "session_secret: " + strings.Repeat("x", 16)
	for _, c := range []struct {
		name, block string
		want        []string
	}{
		{"nothing set", "", []string{anyone}},
		{"sessions", "session_persistence: true", []string{anyone, ends}},
		{"sessions with a secret", "session_persistence: true\n" + secret, []string{anyone}},
		{"sessions with a key", "session_persistence: true\njwt_key: k", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := channeltest.Open(t, socketio.Type(), c.block).(channels.Incomplete).Missing()
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
