package openai_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/agents/openai"
	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/config"
)

func decode(t *testing.T, yaml string) *openai.Config {
	t.Helper()
	block, err := config.Parse("endpoints.yml", []byte(yaml), nil)
	if err != nil {
		t.Fatal(err)
	}
	c := openai.Type().New().(*openai.Config)
	if err := block.Decode(c); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestDefaults(t *testing.T) {
	t.Parallel()
	got := decode(t, "model: m")
	want := &openai.Config{
		Endpoint: openai.Endpoint{BaseURL: "https://api.openai.com/v1"}, Model: "m",
		Commands: openai.Commands{Reset: "/new", ResetReply: "Let us start afresh."},
		Budget:   openai.Budget{Reply: "That is enough for today. Please come back tomorrow."},
		History:  openai.Window{Turns: 20, Characters: 20_000}, Attachments: openai.Attachments{"image"},
		FirstByteTimeout: time.Minute, IdleTimeout: time.Minute,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if err := got.Validate(); err != nil {
		t.Error(err)
	}
	if got := openai.Type(); got.Timeout != 3*time.Minute || got.Repeat != agents.RepeatAlways {
		t.Errorf("timeout %v, repeat %v", got.Timeout, got.Repeat)
	}
}

func TestDecode(t *testing.T) {
	t.Parallel()
	got := decode(t, `
base_url: https://model.test/v1
api_key: sk-s3cr3t-k3y
headers: {X-Title: h34der-s3cr3t}
query: {api-version: qu3ry s3cr3t&}
model: m
system: |-
  Be kind.
  {{locale}}
history: {turns: 3, characters: 99}
parameters: {temperature: 0.20, stop: [a, b], user: }
first_byte_timeout: 5s
idle_timeout: 6s
attachments: [image, audio]
transcribe: {model: whisper-1, base_url: "http://whisper.test", api_key: sk-s3cr3t-k3y, timeout: 7s}
greeting: Hello.
tools: true
budget: {messages: 5, tokens: 1000, reply: Genug.}
reset: neu
reset_reply: Gut.
`)
	want := &openai.Config{
		Endpoint: openai.Endpoint{
			BaseURL: "https://model.test/v1", APIKey: apiKey,
			Headers: map[string]channels.Secret{"X-Title": header}, Query: map[string]channels.Secret{"api-version": query},
		},
		Commands: openai.Commands{Greeting: "Hello.", Reset: "neu", ResetReply: "Gut."},
		Model:    "m", Tools: true, Budget: openai.Budget{Messages: 5, Tokens: 1000, Reply: "Genug."}, System: "Be kind.\n{{locale}}", History: openai.Window{Turns: 3, Characters: 99},
		Parameters: map[string]json.RawMessage{
			"temperature": json.RawMessage("0.20"), "stop": json.RawMessage(`["a","b"]`), "user": nil,
		},
		FirstByteTimeout: 5 * time.Second, IdleTimeout: 6 * time.Second, Attachments: openai.Attachments{"image", "audio"},
		Transcribe: &openai.Transcribe{
			Endpoint: openai.Endpoint{BaseURL: "http://whisper.test", APIKey: apiKey}, Model: "whisper-1", Timeout: 7 * time.Second,
		},
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
	const anAddress = "base_url: expected an address such as https://api.openai.com/v1"
	url := func(u string) change { return func(c *openai.Config) { c.BaseURL = u } }
	system := func(p openai.Prompt) change { return func(c *openai.Config) { c.System = p } }
	parameter := func(name string) change {
		return func(c *openai.Config) { c.Parameters = map[string]json.RawMessage{name: json.RawMessage("1")} }
	}
	headers := func(name string, value channels.Secret) change {
		return func(c *openai.Config) { c.Headers = map[string]channels.Secret{name: value} }
	}
	for _, c := range []struct {
		name   string
		change change
		want   string // nothing when the configuration is right
	}{
		{"path prefix", url("https://model.test/a/b/"), ""},
		{"ipv6", url("http://[::1]:11434/v1"), ""},
		{"no url", url(""), anAddress},
		{"no scheme", url("localhost:5005"), anAddress},
		{"other scheme", url("ftp://model.test"), anAddress},
		{"no host", url("http://:5005"), anAddress},
		{"not a url", url("http://model.test/%zz" + header), anAddress},
		{"userinfo", url("http://me:" + header + "@model.test"), "base_url: expected no user and password: write an Authorization header under headers"},
		{"query", url("http://model.test?token=" + header), "base_url: expected nothing after the path: write what follows ? under query"},
		{"fragment", url("http://model.test#x"), "base_url: expected nothing after the path: write what follows ? under query"},
		{"the whole route", url("http://model.test/v1/chat/completions/"), "base_url: expected the address in front of /chat/completions, which is added"},
		{"no model", func(c *openai.Config) { c.Model = "" }, "model: required: the model's name, such as gpt-4o-mini"},
		{"no key", func(c *openai.Config) { c.APIKey = "" }, ""},
		{"key of two lines", func(c *openai.Config) { c.APIKey = "a\n" + header }, "api_key: expected one line of text"},
		{"first byte", func(c *openai.Config) { c.FirstByteTimeout = 0 }, `first_byte_timeout: expected more than zero, such as "60s"`},
		{"idle", func(c *openai.Config) { c.IdleTimeout = -1 }, `idle_timeout: expected more than zero, such as "60s"`},
		{"no history", func(c *openai.Config) { c.History = openai.Window{} }, ""},
		{"turns", func(c *openai.Config) { c.History.Turns = 501 }, "history.turns: expected 0 to 500"},
		{"characters", func(c *openai.Config) { c.History.Characters = -1 }, "history.characters: expected 0 or more"},
		{"placeholders", system("{{ channel }} {{metadata.a.b}} {x}"), ""},
		{
			"unknown placeholder", system("{{channel}} {{name}}"),
			"system: unknown placeholder {{name}}: known are capabilities, channel, channel_type, date, input_channel, locale, metadata, metadata.KEY, sender",
		},
		{"metadata without a key", system("{{metadata.}}"), "system: unknown placeholder {{metadata.}}: known are capabilities, channel, channel_type, date, input_channel, locale, metadata, metadata.KEY, sender"},
		{"no attachments", func(c *openai.Config) { c.Attachments = nil }, ""},
		{"other attachments", func(c *openai.Config) { c.Attachments = openai.Attachments{"video"} }, `attachments: expected "image" and "audio", or [] for none`},
		{"transcribe", func(c *openai.Config) { c.Transcribe = &openai.Transcribe{Model: "m"} }, ""},
		{"transcribe without a model", func(c *openai.Config) { c.Transcribe = &openai.Transcribe{} }, "transcribe: model: required: the model's name, such as whisper-1"},
		{"transcribe with a key alone", func(c *openai.Config) {
			c.Transcribe = &openai.Transcribe{Model: "m", Endpoint: openai.Endpoint{APIKey: apiKey}}
		}, "transcribe: base_url: required beside api_key, headers and query"},
		{"transcribe nowhere", func(c *openai.Config) {
			c.Transcribe = &openai.Transcribe{Model: "m", Endpoint: openai.Endpoint{BaseURL: "x"}, Timeout: 1}
		}, "transcribe: " + anAddress},
		{"a budget below nothing", func(c *openai.Config) { c.Budget.Messages = -1 }, "budget.messages: expected 0 or more"},
		{"tokens below nothing", func(c *openai.Config) { c.Budget.Tokens = -1 }, "budget.tokens: expected 0 or more"},
		{"a budget without a sentence", func(c *openai.Config) { c.Budget.Reply = "" }, "budget.reply: expected a sentence"},
		{"temperature", parameter("temperature"), ""},
		{"messages", parameter("messages"), "parameters.messages: set by Manyvox"},
		{"stream", parameter("stream"), "parameters.stream: set by Manyvox"},
		{"model", parameter("model"), "parameters.model: write it as the key model"},
		{"authorization beside a key", headers("authorization", "Basic x"), "headers.authorization: expected one of this and api_key"},
		{"authorization", func(c *openai.Config) {
			headers("authorization", "Basic x")(c)
			c.APIKey = ""
		}, ""},
		{"content type", headers("content-type", "text/plain"), "headers.content-type: set by Manyvox"},
		{"header name", headers("a b", "x"), `headers: "a b" is not the name of a header`},
		{"header value", headers("X-A", header+"\r\nX-B: y"), "headers.X-A: expected one line of text"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var got string
			if err := configured("http://model.test/v1", c.change).Validate(); err != nil {
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
	err := (&openai.Config{}).Validate()
	for _, key := range []string{"base_url", "model", "first_byte_timeout", "idle_timeout"} {
		if !strings.Contains(err.Error(), key+":") {
			t.Errorf("%q does not name %s", err, key)
		}
	}
}

func TestServer(t *testing.T) {
	t.Parallel()
	var c agents.Config = configured("http://model.test/v1")
	if caller, ok := c.(agents.Caller); !ok || caller.Server() != "http://model.test/v1" {
		t.Errorf("%v is no Caller", c)
	}
}
