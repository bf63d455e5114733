package callback

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/manyvox/manyvox/channels"
)

// endpoint is where replies are posted, and how.
type endpoint struct {
	url    *url.URL
	host   string // of the header Host, "" for the URL's
	header http.Header
	key    channels.SigningKey
}

// newEndpoint makes the endpoint of a valid Config.
func newEndpoint(c *Config) *endpoint {
	u, _ := url.Parse(c.URL.Reveal()) // Validate has done it
	e := &endpoint{url: u, header: http.Header{"Content-Type": {"application/json"}}}
	e.key, _ = channels.ParseSigningKey(c.SigningSecret)
	e.authorize(c)
	e.addQuery(c)
	for _, name := range slices.Sorted(maps.Keys(c.Headers)) {
		value := c.Headers[name].Reveal()
		if strings.EqualFold(name, "Host") { // net/http looks for it elsewhere
			e.host = value
			continue
		}
		e.header.Set(name, value)
	}
	return e
}

// authorize moves user and password from the URL to the header, where those of
// basic_auth win over them.
func (e *endpoint) authorize(c *Config) {
	r := http.Request{Header: e.header}
	if user := e.url.User; user != nil {
		password, _ := user.Password()
		r.SetBasicAuth(user.Username(), password)
		e.url.User = nil
	}
	if c.BasicAuth != nil {
		r.SetBasicAuth(c.BasicAuth.Username, c.BasicAuth.Password.Reveal())
	}
}

// addQuery leaves the URL's own query as it is: it may be signed.
func (e *endpoint) addQuery(c *Config) {
	query := url.Values{}
	for name, value := range c.Params {
		query.Set(name, value.Reveal())
	}
	if c.Token != "" {
		query.Set(c.TokenName, c.Token.Reveal())
	}
	if added := query.Encode(); added != "" {
		e.url.RawQuery = strings.TrimPrefix(e.url.RawQuery+"&"+added, "&")
	}
}

// request returns the POST of one part. It is signed for the moment of the attempt.
func (e *endpoint) request(ctx context.Context, id string, body []byte, at time.Time) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, e.url.String(), bytes.NewReader(body))
	if err != nil {
		return nil, errors.New("the URL cannot be used") // the cause quotes it
	}
	req.Host = e.host
	req.Header = e.header.Clone()
	req.Header.Set(channels.HeaderWebhookID, id)
	e.key.Sign(req.Header, id, at, body)
	return req, nil
}
