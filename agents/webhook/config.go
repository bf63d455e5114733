package webhook

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/http/httpguts"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
)

// Type lists the agent.
func Type() agents.Type {
	return agents.Type{
		Name: "webhook",
		// What a server does with a message before it fails, nobody knows.
		Repeat: agents.RepeatCrash,
		New:    func() agents.Config { return &Config{} },
	}
}

// Config is the block "agent:" of type webhook.
type Config struct {
	// URL is where messages are posted. Its query, which may hold a secret, stays as it is.
	// Required.
	URL channels.Secret `yaml:"url"`
	// Secret signs what is posted: "whsec_" and base64. Default none.
	Secret channels.Secret `yaml:"secret"`
	// Headers are added to every request, such as Authorization.
	Headers map[string]channels.Secret `yaml:"headers"`
}

// Validate names every key that cannot be used. It quotes no value, which may hold a secret.
func (c *Config) Validate() error {
	errs := []error{c.validateURL()}
	if _, err := channels.ParseSigningKey(c.Secret); err != nil {
		errs = append(errs, fmt.Errorf("secret: %w", err))
	}
	for _, name := range slices.Sorted(maps.Keys(c.Headers)) {
		errs = append(errs, validateHeader(name, c.Headers[name]))
	}
	return errors.Join(errs...)
}

func (c *Config) validateURL() error {
	if c.URL == "" {
		return errors.New("url: required: where messages are posted, such as https://app.example/manyvox")
	}
	u, err := url.Parse(c.URL.Reveal())
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "":
		return errors.New("url: expected an address such as https://app.example/manyvox")
	case u.User != nil:
		return errors.New("url: expected no user and password: write an Authorization header under headers")
	case u.Fragment != "":
		return errors.New("url: expected no fragment: servers do not see it")
	}
	return nil
}

// ownHeaders are those that the agent sets, and those that frame the request, of which
// net/http would silently ignore some or by which it would repeat a POST by itself.
var ownHeaders = []string{
	"host", "content-type", "content-length", "transfer-encoding", "connection", "trailer", "te", "upgrade", "accept",
	"accept-encoding", "idempotency-key", "x-idempotency-key", "manyvox-hops", "manyvox-attempt",
	channels.HeaderWebhookID, channels.HeaderWebhookTimestamp, channels.HeaderWebhookSignature,
}

func validateHeader(name string, value channels.Secret) error {
	switch {
	case slices.Contains(ownHeaders, strings.ToLower(name)):
		return fmt.Errorf("headers.%s: set by Manyvox", name)
	case !httpguts.ValidHeaderFieldName(name):
		return fmt.Errorf("headers: %q is not the name of a header", name)
	case !httpguts.ValidHeaderFieldValue(value.Reveal()):
		return fmt.Errorf("headers.%s: expected one line of text", name)
	}
	return nil
}

// Check warns when the server cannot tell who asks.
func (c *Config) Check([]string) []string {
	if c.Secret != "" || len(c.Headers) > 0 {
		return nil
	}
	return []string{`agent webhook: nothing proves to the server that Manyvox asks: sign by secret: (make one by openssl rand -base64 32)`}
}

// Server returns the server's address.
func (c *Config) Server() string { return c.URL.Reveal() }

// Open returns the agent.
func (c *Config) Open(env agents.Env) (agents.Agent, error) {
	a := &Agent{client: agents.NewHTTPClient(), url: c.URL.Reveal(), header: http.Header{}, large: agents.NewLargeAnswers()}
	a.key, _ = channels.ParseSigningKey(c.Secret) // Validate has done it
	for name, value := range c.Headers {
		a.header.Set(name, value.Reveal())
	}
	return a, nil
}

var (
	_ agents.Config  = (*Config)(nil)
	_ agents.Caller  = (*Config)(nil)
	_ agents.Checker = (*Config)(nil)
)
