package rasa

import (
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/http/httpguts"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
)

// Type lists the agent.
func Type() agents.Type {
	return agents.Type{
		Name:    "rasa",
		Timeout: 300 * time.Second,
		// An action that Rasa runs may order a pizza: a message that was too slow, or
		// failed, may have ordered one.
		Repeat: agents.RepeatCrash,
		New:    func() agents.Config { return newConfig() },
	}
}

// Config is the block "agent:" of type rasa.
type Config struct {
	// URL is where Rasa listens, such as http://localhost:5006; a path in front of
	// /webhooks belongs to it. Required.
	URL string `yaml:"url"`
	// Channel is the <channel> of /webhooks/<channel>/webhook. Default rest.
	Channel string `yaml:"channel"`
	// Stream says when Rasa is asked for a line per reply. Default auto.
	Stream Mode `yaml:"stream"`
	// IdleTimeout ends a streamed turn after that time without a byte, since Rasa
	// leaves the stream of a failed turn open. Default 60s.
	IdleTimeout time.Duration `yaml:"idle_timeout"`
	// Token is sent as ?token=, the one form that Rasa reads. Default none.
	Token channels.Secret `yaml:"token"`
	// Secret signs what Rasa says outside a turn: "whsec_" and base64. Default none: then nothing
	// is taken.
	Secret channels.Secret `yaml:"secret"`
	// Headers are added to every request, for a proxy in front of Rasa.
	Headers map[string]channels.Secret `yaml:"headers"`
	// Sender makes Rasa's sender of {channel} and {sender}. Default "{sender}", so
	// that the trackers of a Rasa that was asked directly before are found again.
	Sender agents.Template `yaml:"sender"`
}

func newConfig() *Config {
	return &Config{Channel: "rest", Stream: ModeAuto, IdleTimeout: 60 * time.Second, Sender: agents.SenderAlone}
}

// Validate names every key that cannot be used. It quotes no value of url and
// headers, which may hold a secret.
func (c *Config) Validate() error {
	errs := []error{c.validateURL(), c.Stream.validate(), c.validateSender()}
	if c.Channel == "" || c.Channel == "." || c.Channel == ".." || strings.Contains(c.Channel, "/") {
		errs = append(errs, errors.New("channel: expected one segment of a path, such as rest"))
	}
	if _, err := channels.ParseSigningKey(c.Secret); err != nil {
		errs = append(errs, fmt.Errorf("secret: %w", err))
	}
	if c.IdleTimeout <= 0 {
		errs = append(errs, errors.New(`idle_timeout: expected more than zero, such as "60s"`))
	}
	for _, name := range slices.Sorted(maps.Keys(c.Headers)) {
		errs = append(errs, validateHeader(name, c.Headers[name]))
	}
	return errors.Join(errs...)
}

func (c *Config) validateSender() error {
	if err := c.Sender.Validate(); err != nil {
		return fmt.Errorf("sender: %w", err)
	}
	return nil
}

func (c *Config) validateURL() error {
	if c.URL == "" {
		return errors.New("url: required: the address of Rasa, such as http://localhost:5006")
	}
	u, err := url.Parse(c.URL)
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "":
		return errors.New("url: expected an address such as http://localhost:5006")
	case u.User != nil:
		return errors.New("url: expected no user and password: write an Authorization header under headers")
	case strings.HasSuffix(strings.TrimSuffix(u.Path, "/"), "/webhook"):
		return errors.New("url: expected the server's address alone, such as http://localhost:5006: " +
			"/webhooks/<channel>/webhook is added, and the key channel names the channel")
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return errors.New("url: expected nothing after the path: a token belongs into the key token")
	}
	return nil
}

// validateHeader refuses the headers that frame the request, of which net/http
// would silently ignore some, and those that let it repeat a POST by itself.
func validateHeader(name string, value channels.Secret) error {
	switch strings.ToLower(name) {
	case "host", "content-type", "content-length", "transfer-encoding", "connection", "trailer", "te", "upgrade",
		"accept", "accept-encoding", "idempotency-key", "x-idempotency-key":
		return fmt.Errorf("headers.%s: set by Manyvox", name)
	}
	if !httpguts.ValidHeaderFieldName(name) {
		return fmt.Errorf("headers: %q is not the name of a header", name)
	}
	if !httpguts.ValidHeaderFieldValue(value.Reveal()) {
		return fmt.Errorf("headers.%s: expected one line of text", name)
	}
	return nil
}

// Check warns when several channels would share conversations at Rasa: whoever is
// "default" on one channel would go on where "default" on the other has stopped.
func (c *Config) Check(channelNames []string) []string {
	if len(channelNames) < 2 || c.Sender.NamesChannel() {
		return nil
	}
	return []string{fmt.Sprintf(`agent rasa: a sender of the same name on %s shares one tracker: to keep them apart write sender: "{channel}:{sender}"`,
		strings.Join(channelNames, ", "))}
}

// Server returns the server's address.
func (c *Config) Server() string { return c.URL }

// Open returns the agent.
func (c *Config) Open(env agents.Env) (agents.Agent, error) {
	return c.open(env), nil
}

func (c *Config) open(env agents.Env) *Agent {
	pushKey, _ := channels.ParseSigningKey(c.Secret) // Validate has done it
	return &Agent{
		client:    agents.NewHTTPClient(),
		base:      strings.TrimSuffix(c.URL, "/"),
		collected: c.endpoint(false),
		streamed:  c.endpoint(true),
		headers:   c.Headers,
		mode:      c.Stream,
		idle:      c.IdleTimeout,
		sender:    c.Sender,
		pushKey:   pushKey,
		secrets:   c.secrets(),
		large:     agents.NewLargeAnswers(),
		log:       env.Log,
	}
}

// endpoint returns the address of Rasa's webhook. It holds the token.
func (c *Config) endpoint(stream bool) string {
	u, _ := url.Parse(c.URL) // Validate has done it
	u = u.JoinPath("webhooks", url.PathEscape(c.Channel), "webhook")
	query := url.Values{}
	if stream {
		query.Set("stream", "true")
	}
	if c.Token != "" {
		query.Set("token", c.Token.Reveal())
	}
	u.RawQuery = query.Encode()
	return u.String()
}

// secrets returns what hides the token and the headers in a text. Errors of net/http
// quote what a server has sent, which may be an echo of the request.
func (c *Config) secrets() *strings.Replacer {
	var pairs []string
	hide := func(s channels.Secret) {
		if s != "" { // an empty one would be found everywhere
			pairs = append(pairs, s.Reveal(), s.String(), url.QueryEscape(s.Reveal()), s.String())
		}
	}
	hide(c.Token)
	for _, value := range c.Headers {
		hide(value)
	}
	return strings.NewReplacer(pairs...)
}

var (
	_ agents.Config  = (*Config)(nil)
	_ agents.Checker = (*Config)(nil)
)
