package callback

import (
	"crypto/x509"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/http/httpguts"

	"github.com/manyvox/manyvox/channels"
)

// Config is the block "callback:". Its keys up to CAFile are Rasa's.
type Config struct {
	// URL is where replies are posted; its own query stays as it is. Required. It is a
	// secret since a webhook's address often is.
	URL channels.Secret `yaml:"url"`
	// Params are added to the URL's query.
	Params map[string]channels.Secret `yaml:"params"`
	// Headers are added to every POST. They win over Content-Type: application/json and the
	// like.
	Headers map[string]channels.Secret `yaml:"headers"`
	// BasicAuth is sent as the header Authorization.
	BasicAuth *BasicAuth `yaml:"basic_auth"`
	// Token is added to the URL's query under TokenName: what your program asks of Manyvox.
	Token channels.Secret `yaml:"token"`
	// TokenName is the query parameter that Token is sent in. Default token.
	TokenName string `yaml:"token_name"`
	// CAFile names a PEM file with the certificates that alone vouch for your program.
	// Default the system's.
	CAFile string `yaml:"cafile"`
	// InboundToken is what Manyvox asks of your program, as "Authorization: Bearer …" or
	// "?token=…". Without it --auth-token is asked for, and without that anyone may write.
	InboundToken channels.Secret `yaml:"inbound_token"`
	// SigningSecret signs every POST: "whsec_" and the base64 of 24 to 64 random bytes, as
	// "openssl rand -base64 32" makes them.
	SigningSecret channels.Secret `yaml:"signing_secret"`
	// Timeout bounds one POST, to the last byte of the answer. Default 30s.
	Timeout time.Duration `yaml:"timeout"`
}

// BasicAuth is the block "basic_auth:".
type BasicAuth struct {
	Username string          `yaml:"username"`
	Password channels.Secret `yaml:"password"`
}

func newConfig() *Config {
	return &Config{TokenName: "token", Timeout: 30 * time.Second}
}

// Validate names every key that cannot be used.
func (c *Config) Validate() error {
	errs := []error{c.validateURL(), c.validateAuth()}
	if c.TokenName == "" {
		errs = append(errs, errors.New("token_name: expected the name of a query parameter, such as token"))
	}
	for _, name := range slices.Sorted(maps.Keys(c.Headers)) {
		errs = append(errs, validateHeader(name, c.Headers[name]))
	}
	if _, err := channels.ParseSigningKey(c.SigningSecret); err != nil {
		errs = append(errs, fmt.Errorf("signing_secret: %w", err))
	}
	if c.Timeout <= 0 {
		errs = append(errs, errors.New(`timeout: expected more than zero, such as "30s"`))
	}
	return errors.Join(errs...)
}

func (c *Config) validateURL() error {
	if c.URL == "" {
		return errors.New("url: required: the address that replies are posted to, such as https://app.example/bot")
	}
	u, err := url.Parse(c.URL.Reveal())
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return errors.New("url: expected an address such as https://app.example/bot")
	}
	return nil
}

func (c *Config) validateAuth() error {
	switch {
	case c.BasicAuth == nil:
		return nil
	case c.BasicAuth.Username == "":
		return errors.New("basic_auth: expected username and password under it")
	case strings.Contains(c.BasicAuth.Username, ":"): // https://www.rfc-editor.org/rfc/rfc7617#section-2
		return errors.New("basic_auth: a username holds no colon")
	}
	for name := range c.Headers {
		if strings.EqualFold(name, "Authorization") {
			return errors.New("basic_auth: sent as the header Authorization, which is under headers too: keep one of them")
		}
	}
	return nil
}

// validateHeader refuses the headers that frame the request, of which net/http would
// silently ignore some, and those that identify and sign it.
func validateHeader(name string, value channels.Secret) error {
	switch lower := strings.ToLower(name); {
	case slices.Contains([]string{"content-length", "transfer-encoding", "connection", "trailer", "te", "upgrade"}, lower),
		slices.Contains([]string{channels.HeaderWebhookID, channels.HeaderWebhookTimestamp, channels.HeaderWebhookSignature}, lower):
		return fmt.Errorf("headers: %s is set by Manyvox", name)
	case !httpguts.ValidHeaderFieldName(name):
		return fmt.Errorf("headers: %q is not the name of a header", name)
	case !httpguts.ValidHeaderFieldValue(value.Reveal()), lower == "host" && !httpguts.ValidHostHeader(value.Reveal()):
		return fmt.Errorf("headers: %s: not a value that a header can have", name)
	}
	return nil
}

// Open returns the channel. It reads CAFile.
func (c *Config) Open(env channels.Env) (channels.Channel, error) {
	return c.open(env)
}

func (c *Config) open(env channels.Env) (*Channel, error) {
	roots, err := c.roots()
	if err != nil {
		return nil, err
	}
	return &Channel{
		client:       env.Client(channels.ClientConfig{Timeout: c.Timeout, RootCAs: roots}),
		endpoint:     newEndpoint(c),
		inboundToken: c.InboundToken,
		now:          time.Now,
	}, nil
}

func (c *Config) roots() (*x509.CertPool, error) {
	if c.CAFile == "" {
		return nil, nil // the system's
	}
	data, err := os.ReadFile(c.CAFile)
	if err != nil {
		return nil, fmt.Errorf("cafile: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(data) {
		return nil, fmt.Errorf("cafile: %s: no certificate in PEM form", c.CAFile)
	}
	return pool, nil
}

var _ channels.Config = (*Config)(nil)
