package rasa

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"

	"github.com/manyvox/manyvox/agents"
)

// OpenOn opens the agent on a network of the test's own.
func OpenOn(c *Config, env agents.Env, dial func(context.Context, string, string) (net.Conn, error)) *Agent {
	a := c.open(env)
	a.client.Transport.(*http.Transport).DialContext = dial
	return a
}

// EachLine is eachLine.
func EachLine(r io.Reader, emit func(line int, object json.RawMessage) error) error {
	return eachLine(r, emit)
}

// The limits.
const (
	MaxBody      = agents.MaxBody
	LargeAnswers = agents.MaxLargeAnswers
)
