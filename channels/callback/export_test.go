package callback

import (
	"context"
	"net"
	"net/http"
	"time"

	"github.com/manyvox/manyvox/channels"
)

// OpenOn opens the channel on a network of the test's own.
func OpenOn(c *Config, dial func(context.Context, string, string) (net.Conn, error)) (*Channel, error) {
	return c.open(channels.Env{Dial: dial})
}

// Sign returns the headers that prove id, time and body.
func Sign(secret channels.Secret, id string, at time.Time, body string) (http.Header, error) {
	k, err := channels.ParseSigningKey(secret)
	h := http.Header{}
	k.Sign(h, id, at, []byte(body))
	return h, err
}
