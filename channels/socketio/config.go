package socketio

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/manyvox/manyvox/channels"
)

// Config is the block "socketio:". Its keys up to EnableSilenceTimeout are Rasa's, but for
// JWTRequireExp.
type Config struct {
	// UserMessageEvent is the event by which the page sends a message. Default user_uttered.
	UserMessageEvent string `yaml:"user_message_evt"`
	// BotMessageEvent is the event by which it gets replies. Default bot_uttered.
	BotMessageEvent string `yaml:"bot_message_evt"`
	// Namespace is the Socket.IO namespace. Default "/".
	Namespace string `yaml:"namespace"`
	// SessionPersistence lets a conversation outlive its connection. Without it, each
	// connection is a conversation of its own.
	SessionPersistence bool `yaml:"session_persistence"`
	// Path is where clients connect. Default /socket.io.
	Path string `yaml:"socketio_path"`
	// JWTKey checks the token that clients must show, as auth: {token}: a secret for HS…, a
	// public key in PEM for the other methods. Without it --auth-token is asked for, as
	// "?token=…" of the handshake or in auth, and without that anyone may connect.
	JWTKey channels.Secret `yaml:"jwt_key"`
	// JWTMethod is the signature of the token: HS256 to HS512, RS…, PS…, ES… or EdDSA.
	// Default HS256.
	JWTMethod string `yaml:"jwt_method"`
	// JWTRequireExp refuses a token without exp, which otherwise is taken for ever, as under
	// Rasa. Default false.
	JWTRequireExp bool `yaml:"jwt_require_exp"`
	// MetadataKey is the key of a message's metadata, an object or JSON in a string. Default
	// metadata.
	MetadataKey string `yaml:"metadata_key"`
	// EnableSilenceTimeout is a key of newer Rasa releases; it has no effect.
	EnableSilenceTimeout bool `yaml:"enable_silence_timeout"`
	// SessionSecret signs session ids, with at least 16 bytes. Default one that is derived from
	// a secret JWTKey or else random, so that sessions end with the program.
	SessionSecret channels.Secret `yaml:"session_secret"`
	// OfflineTTL is how old a reply may become that waits for a client. Default 24h.
	OfflineTTL time.Duration `yaml:"offline_ttl"`
	// MaxPayload is the largest message or body of a client, in bytes; --max-body bounds bodies
	// too. Default 1,000,000.
	MaxPayload int64 `yaml:"max_payload"`
	// MaxSessions is how many clients may be connected; more are answered 503. A client that is
	// in no namespace gives way to a new one, at most 1,000 are in none, and a new client has 5 s
	// to enter one. Default 10,000.
	MaxSessions int `yaml:"max_sessions"`
	// MaxMessages is how many events of a client are read a second. The others wait, and none is
	// lost, but for those of one POST that would take longer than 30 s: they are answered
	// session_error. Default 20.
	MaxMessages int `yaml:"max_messages"`
	// PingInterval is the time between two pings. Default 25s.
	PingInterval time.Duration `yaml:"ping_interval"`
	// PingTimeout is the time in which a client must answer a ping, or it is gone. Default 20s.
	PingTimeout time.Duration `yaml:"ping_timeout"`
}

func newConfig() *Config {
	return &Config{
		UserMessageEvent: "user_uttered", BotMessageEvent: "bot_uttered", Namespace: "/", Path: "/socket.io",
		JWTMethod: "HS256", MetadataKey: "metadata", OfflineTTL: 24 * time.Hour,
		MaxPayload: 1_000_000, MaxSessions: 10_000, MaxMessages: 20,
		PingInterval: 25 * time.Second, PingTimeout: 20 * time.Second,
	}
}

// minSecret is the shortest session_secret, in bytes.
const minSecret = 16

// Validate names every key that cannot be used.
func (c *Config) Validate() error {
	errs := []error{
		validateEvent("user_message_evt", c.UserMessageEvent), validateEvent("bot_message_evt", c.BotMessageEvent),
		validatePath("socketio_path", c.Path, "/socket.io"), c.validateLimits(),
	}
	if !strings.HasPrefix(c.Namespace, "/") || strings.ContainsAny(c.Namespace, ",?") {
		errs = append(errs, errors.New(`namespace: expected a name such as "/chat"`))
	}
	if c.UserMessageEvent == c.BotMessageEvent {
		errs = append(errs, errors.New("bot_message_evt: the same as user_message_evt"))
	}
	if c.MetadataKey == "" {
		errs = append(errs, errors.New("metadata_key: expected a name such as metadata"))
	}
	if c.SessionSecret != "" && len(c.SessionSecret) < minSecret {
		errs = append(errs, fmt.Errorf("session_secret: expected at least %d bytes, as openssl rand -hex 32 makes them", minSecret))
	}
	if c.JWTRequireExp && c.JWTKey == "" {
		errs = append(errs, errors.New("jwt_require_exp: without jwt_key no token is asked for"))
	}
	if _, err := newVerifier(c.JWTKey, c.JWTMethod, c.JWTRequireExp); err != nil {
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// reserved are the names that clients use for events of their own, and ours.
// https://socket.io/docs/v4/emit-cheatsheet/#reserved-events
var reserved = []string{
	"connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener",
	sessionRequest, sessionConfirm, sessionError,
}

func validateEvent(key, name string) error {
	if name == "" || slices.Contains(reserved, name) {
		return fmt.Errorf("%s: expected the name of an event that is not reserved", key)
	}
	return nil
}

func validatePath(key, path, example string) error {
	if !strings.HasPrefix(path, "/") || path == "/" || strings.HasSuffix(path, "/") || strings.ContainsAny(path, "{}?# ") {
		return fmt.Errorf("%s: expected a path such as %s", key, example)
	}
	return nil
}

func (c *Config) validateLimits() error {
	var errs []error
	for _, limit := range []struct {
		key   string
		value int64
	}{
		{"max_payload", c.MaxPayload}, {"max_sessions", int64(c.MaxSessions)}, {"max_messages", int64(c.MaxMessages)},
	} {
		if limit.value <= 0 {
			errs = append(errs, fmt.Errorf("%s: expected a positive number", limit.key))
		}
	}
	for _, limit := range []struct {
		key   string
		value time.Duration
	}{
		{"offline_ttl", c.OfflineTTL}, {"ping_interval", c.PingInterval}, {"ping_timeout", c.PingTimeout},
	} {
		if limit.value < time.Millisecond {
			errs = append(errs, fmt.Errorf(`%s: expected more than zero, such as "30s"`, limit.key))
		}
	}
	return errors.Join(errs...)
}

// Open returns the channel.
func (c *Config) Open(env channels.Env) (channels.Channel, error) {
	guard, err := newVerifier(c.JWTKey, c.JWTMethod, c.JWTRequireExp)
	if err != nil {
		return nil, err
	}
	if c.JWTKey != "" && !c.JWTRequireExp {
		env.Log.Warn("jwt_key takes a token without exp, as Rasa does, and its client stays for ever; jwt_require_exp: true refuses it")
	}
	channel := &Channel{
		config: c, log: env.Log, hub: newHub(), verifier: guard,
		signer: signer{key: c.sessionKey(), name: env.Name}, missing: c.missing(),
		engine: &engine{
			pingInterval: c.PingInterval, pingTimeout: c.PingTimeout,
			maxPayload: c.MaxPayload, maxConns: c.MaxSessions,
			log: env.Log, conns: map[string]*conn{},
		},
	}
	channel.presence = newPresence(channel.hub, &channel.engine.work, env.Log)
	return channel, nil
}

// sessionKey returns the key that signs session ids.
func (c *Config) sessionKey() []byte {
	switch {
	case c.SessionSecret != "":
		return []byte(c.SessionSecret.Reveal())
	case c.derives():
		mac := hmac.New(sha256.New, []byte(c.JWTKey.Reveal()))
		mac.Write([]byte("manyvox session ids"))
		return mac.Sum(nil)
	}
	key := make([]byte, sha256.Size)
	_, _ = rand.Read(key) // never fails: https://pkg.go.dev/crypto/rand#Read
	return key
}

// derives reports whether jwt_key is a secret: a public key is known to everybody.
func (c *Config) derives() bool { return c.JWTKey != "" && strings.HasPrefix(c.JWTMethod, "HS") }

func (c *Config) missing() (list []string) {
	if c.JWTKey == "" {
		list = append(list, "jwt_key")
	}
	if c.SessionPersistence && c.SessionSecret == "" && !c.derives() {
		list = append(list, "session_secret (sessions end with the program)")
	}
	return list
}

var _ channels.Config = (*Config)(nil)
