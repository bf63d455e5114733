package channeltest_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/channels/channeltest"
)

// fakeConfig is a channel type whose faults a test chooses.
type fakeConfig struct {
	Token  channels.Secret            `yaml:"token"`
	Header map[string]channels.Secret `yaml:"header"`
	Keys   []channels.Secret          `yaml:"keys"`
	Users  []user                     `yaml:"users"`
	URL    string                     `yaml:"url"`

	validate func(*fakeConfig) error
	inbound  func(*fakeConfig, channels.Env, channels.Inbox) http.Handler
	env      channels.Env
	send     func(context.Context, channels.Env, channels.Part) error
	fetch    func(ctx context.Context, m *fakeConfig, ref string) (channels.Medium, error)
}

type user struct {
	Password channels.Secret `yaml:"password"`
}

func (m *fakeConfig) Validate() error {
	if m.validate == nil {
		return nil
	}
	return m.validate(m)
}

func (m *fakeConfig) Open(env channels.Env) (channels.Channel, error) {
	m.env = env
	if m.fetch != nil {
		return fetcher{channel{m}}, nil
	}
	if m.send != nil {
		return sender{channel{m}}, nil
	}
	return channel{m}, nil
}

// sender is a channel that can send too.
type sender struct{ channel }

func (s sender) Send(ctx context.Context, p channels.Part) (channels.Receipt, error) {
	return channels.Receipt{}, s.m.send(ctx, s.m.env, p)
}

type channel struct{ m *fakeConfig }

func (c channel) Inbound(in channels.Inbox) http.Handler {
	if c.m.inbound == nil {
		return channels.Webhook{}.Inbound(in)
	}
	return c.m.inbound(c.m, c.m.env, in)
}

// typ returns a type whose configurations are like m.
func typ(m fakeConfig) channels.Type {
	return channels.Type{Name: "fake", Example: "token: xoxb-1\nusers: [{password: a}]", New: func() channels.Config {
		c := m
		return &c
	}}
}

func good() channeltest.Case { return channeltest.Case{Body: `{"sender":"ann","message":"hi"}`} }

func TestContract(t *testing.T) {
	t.Parallel()
	channeltest.Contract(t, typ(fakeConfig{}), good())
}

func TestContractSending(t *testing.T) {
	t.Parallel()
	channeltest.Contract(t, typ(fakeConfig{send: post}), good(), platform())
}

// TestContractPosting runs a channel that acknowledges first and sends later.
func TestContractPosting(t *testing.T) {
	t.Parallel()
	channeltest.Contract(t, typ(fakeConfig{inbound: posting}), good())
}

func posting(_ *fakeConfig, _ channels.Env, in channels.Inbox) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/webhook" {
			channels.WriteError(w, channels.Errorf(channels.CodeNotFound, "no such route"))
			return
		}
		b, err := channels.ReadBody(r)
		if err != nil {
			channels.WriteError(w, err)
			return
		}
		text, _, _ := b.Text("message")
		if err := in.Post(r.Context(), channels.Message{Text: text}); err != nil && !errors.Is(err, channels.ErrInvalid) {
			channels.WriteError(w, err)
		}
	})
}

// wrapped is a handler around the one a channel should have.
func wrapped(f func(m *fakeConfig, env channels.Env, in channels.Inbox, next http.Handler, w http.ResponseWriter, r *http.Request)) fakeConfig {
	return fakeConfig{inbound: func(m *fakeConfig, env channels.Env, in channels.Inbox) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			f(m, env, in, channels.Webhook{}.Inbound(in), w, r)
		})
	}}
}

func TestContractFails(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		made fakeConfig
		want []string
	}{
		{
			"panics on junk",
			wrapped(func(_ *fakeConfig, _ channels.Env, in channels.Inbox, next http.Handler, w http.ResponseWriter, r *http.Request) {
				b, err := io.ReadAll(r.Body)
				if err != nil || b[0] != '{' || r.URL.Path != "/webhook" {
					panic("junk")
				}
				_ = in.Ask(r.Context(), channels.Message{}, &channels.Collector{})
			}),
			[]string{
				"refuses junk", "refuses a body over the limit", "refuses an unknown route",
				"tells its log why it refuses", "answers 503 while the door is closed", "hides its secrets",
			},
		},
		{
			"takes everything",
			wrapped(func(_ *fakeConfig, _ channels.Env, in channels.Inbox, _ http.Handler, w http.ResponseWriter, r *http.Request) {
				_ = in.Ask(r.Context(), channels.Message{}, &channels.Collector{})
			}),
			[]string{
				"refuses junk", "refuses a body over the limit", "refuses an unknown route",
				"tells its log why it refuses", "answers 503 while the door is closed",
			},
		},
		{
			"takes nothing",
			wrapped(func(_ *fakeConfig, _ channels.Env, _ channels.Inbox, _ http.Handler, w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(http.StatusTeapot)
			}),
			[]string{
				"takes a message", "takes messages side by side", "refuses junk", "refuses a body over the limit",
				"refuses an unknown route", "tells its log why it refuses", "answers 503 while the door is closed",
			},
		},
		{
			"outlives its request",
			wrapped(func(_ *fakeConfig, _ channels.Env, _ channels.Inbox, next http.Handler, w http.ResponseWriter, r *http.Request) {
				next.ServeHTTP(w, r.WithContext(context.WithoutCancel(r.Context())))
			}),
			[]string{"ends with the request"},
		},
		{
			"logs its secret",
			wrapped(func(m *fakeConfig, env channels.Env, _ channels.Inbox, next http.Handler, w http.ResponseWriter, r *http.Request) {
				env.Log.Debug("request", "token", m.Token.Reveal())
				next.ServeHTTP(w, r)
			}),
			[]string{"hides its secrets"},
		},
		{
			"answers with its secret",
			wrapped(func(m *fakeConfig, _ channels.Env, _ channels.Inbox, next http.Handler, w http.ResponseWriter, r *http.Request) {
				w.Header().Set("X-Keys", m.Keys[0].Reveal())
				next.ServeHTTP(w, r)
			}),
			[]string{
				"takes a message", "takes messages side by side", "refuses junk", "refuses a body over the limit",
				"refuses an unknown route", "tells its log why it refuses", "answers 503 while the door is closed", "ends with the request", "knows a redelivery", "hides its secrets",
				"connects by Env.Dial alone",
			},
		},
		{
			"calls its platform for each message",
			wrapped(func(_ *fakeConfig, env channels.Env, _ channels.Inbox, next http.Handler, w http.ResponseWriter, r *http.Request) {
				_, _ = env.Dial(r.Context(), "tcp", "platform.example:443")
				next.ServeHTTP(w, r)
			}),
			[]string{"connects by Env.Dial alone"},
		},
		{
			"sends by a way of its own",
			fakeConfig{send: func(context.Context, channels.Env, channels.Part) error { return errors.New("connected otherwise") }},
			[]string{"connects by Env.Dial alone", "delays no recipient for another that is refused"},
		},
		{
			"complains with its secret",
			fakeConfig{validate: func(m *fakeConfig) error {
				if len(m.Users) > 0 && m.Users[0].Password != "a" {
					return fmt.Errorf("users: not %q", m.Users[0].Password.Reveal())
				}
				return nil
			}},
			[]string{"hides its secrets"},
		},
		{
			"complains of nothing in particular",
			fakeConfig{validate: func(m *fakeConfig) error {
				if m.Token == "" {
					return errors.New("credentials are missing")
				}
				return nil
			}},
			[]string{"opens an empty block or names what is missing"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, channeltest.Failed(typ(c.made), good())); diff != "" {
				t.Errorf("failed checks (-want +got):\n%s", diff)
			}
		})
	}
}

// plainToken keeps a secret in a string, and shows it as JSON.
type plainToken struct {
	fakeConfig
	BotToken string `yaml:"bot_token"`
}

// leakyConfig shows its secret wherever it is printed.
type leakyConfig struct{ fakeConfig }

func (c *leakyConfig) String() string               { return c.Token.Reveal() }
func (c *leakyConfig) MarshalJSON() ([]byte, error) { return json.Marshal(c.Token.Reveal()) }

func TestContractFailsByConfig(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		make func() channels.Config
		want []string
	}{
		{"a token that is a string", func() channels.Config { return &plainToken{} }, []string{"hides its secrets"}},
		{"a talkative config", func() channels.Config { return &leakyConfig{} }, []string{"hides its secrets"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			typ := channels.Type{Name: "fake", New: c.make}
			if diff := cmp.Diff(c.want, channeltest.Failed(typ, good())); diff != "" {
				t.Errorf("failed checks (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCaseFails(t *testing.T) {
	t.Parallel()
	asked := []channels.Message{{Sender: "ann", Text: "hi"}}
	for _, c := range []struct {
		name string
		c    channeltest.Case
		ok   bool
	}{
		{"as expected", channeltest.Case{Asked: asked, Answer: "[]", AnswerHeader: map[string]string{"Allow": ""}}, true},
		{"another message", channeltest.Case{Asked: []channels.Message{{Sender: "bob", Text: "hi"}}, Answer: "[]"}, false},
		{"no message", channeltest.Case{Answer: "[]"}, false},
		{"a posted message", channeltest.Case{Asked: asked, Posted: asked, Answer: "[]"}, false},
		{"another answer", channeltest.Case{Asked: asked, Answer: "[1]"}, false},
		{"another status", channeltest.Case{Asked: asked, Answer: "[]", Status: 201}, false},
		{"another header", channeltest.Case{Asked: asked, Answer: "[]", AnswerHeader: map[string]string{"Content-Type": "text/html"}}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.c.Body = good().Body
			if err := c.c.Run(channels.Webhook{}); (err == nil) != c.ok {
				t.Errorf("error %v", err)
			}
		})
	}
}
