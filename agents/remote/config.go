package remote

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"connectrpc.com/connect"
	"golang.org/x/net/http/httpguts"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/gen/manyvox/v1/manyvoxv1connect"
)

// Type lists the agent. What it does with a message it does once for each message_id, if it is
// another Manyvox, so the default of repeat stays always.
func Type() agents.Type {
	return agents.Type{Name: "remote", New: func() agents.Config { return newConfig() }}
}

// Config is the block "agent:" of type remote.
type Config struct {
	// URL is where the service listens, with the path in front of manyvox.v1.ChannelService
	// if there is one. Required.
	URL string `yaml:"url"`
	// Protocol is how the service is spoken to. Default connect.
	Protocol Protocol `yaml:"protocol"`
	// Token is sent as a Bearer token. Default none.
	Token channels.Secret `yaml:"token"`
	// Channel is the service's channel. Default none, which Manyvox takes as rest.
	Channel string `yaml:"channel"`
	// Sender makes the service's sender of {channel} and {sender}. Default "{sender}".
	Sender agents.Template `yaml:"sender"`
}

func newConfig() *Config { return &Config{Protocol: ProtocolConnect, Sender: agents.SenderAlone} }

// Protocol is one of those in which a service can be called.
type Protocol string

// The protocols.
const (
	ProtocolConnect Protocol = "connect"
	ProtocolGRPC    Protocol = "grpc"
	ProtocolGRPCWeb Protocol = "grpcweb"
)

// options returns what has a client speak the protocol.
func (p Protocol) options() []connect.ClientOption {
	switch p {
	case ProtocolGRPC:
		return []connect.ClientOption{connect.WithGRPC()}
	case ProtocolGRPCWeb:
		return []connect.ClientOption{connect.WithGRPCWeb()}
	}
	return nil
}

func (p Protocol) validate() error {
	switch p {
	case ProtocolConnect, ProtocolGRPC, ProtocolGRPCWeb:
		return nil
	}
	return errors.New(`protocol: expected "connect", "grpc" or "grpcweb"`)
}

// Validate names every key that cannot be used. It quotes no value, which may hold a secret.
func (c *Config) Validate() error {
	errs := []error{c.validateURL(), c.Protocol.validate()}
	if err := c.Sender.Validate(); err != nil {
		errs = append(errs, fmt.Errorf("sender: %w", err))
	}
	if !httpguts.ValidHeaderFieldValue(c.Token.Reveal()) {
		errs = append(errs, errors.New("token: expected one line of text"))
	}
	return errors.Join(errs...)
}

func (c *Config) validateURL() error {
	if c.URL == "" {
		return errors.New("url: required: the address of the service, such as http://localhost:5006")
	}
	u, err := url.Parse(c.URL)
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "":
		return errors.New("url: expected an address such as http://localhost:5006")
	case u.User != nil:
		return errors.New("url: expected no user and password: a token belongs into the key token")
	case strings.Contains(u.Path, manyvoxv1connect.ChannelServiceName):
		return errors.New("url: expected the service's address alone, such as http://localhost:5006: the path of its methods is added")
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return errors.New("url: expected nothing after the path: a token belongs into the key token")
	}
	return nil
}

// Check warns when several channels would share conversations at the service.
func (c *Config) Check(channelNames []string) []string {
	if len(channelNames) < 2 || c.Sender.NamesChannel() {
		return nil
	}
	return []string{fmt.Sprintf(`agent remote: a sender of the same name on %s shares one conversation: to keep them apart write sender: "{channel}:{sender}"`,
		strings.Join(channelNames, ", "))}
}

// Server returns the service's address.
func (c *Config) Server() string { return c.URL }

// pingTimeout is how long a connection may be silent, by HTTP/2, before it is asked whether it
// still is one.
const pingTimeout = 15 * time.Second

// Open returns the agent.
func (c *Config) Open(agents.Env) (agents.Agent, error) {
	client := agents.NewHTTPClient()
	t := client.Transport.(*http.Transport)
	t.HTTP2 = &http.HTTP2Config{SendPingTimeout: pingTimeout, PingTimeout: pingTimeout}
	if c.Protocol == ProtocolGRPC && strings.HasPrefix(strings.ToLower(c.URL), "http:") { // gRPC is HTTP/2, also in plain text
		t.Protocols = new(http.Protocols)
		t.Protocols.SetUnencryptedHTTP2(true)
	}
	large := agents.NewLargeAnswers()
	client.Transport = transport{t, large}
	options := append(c.Protocol.options(), connect.WithReadMaxBytes(maxMessage), connect.WithAcceptCompression("gzip", nil, nil))
	return &Agent{
		http: client, service: manyvoxv1connect.NewChannelServiceClient(client, c.URL, options...),
		token: c.Token, channel: c.Channel, sender: c.Sender,
	}, nil
}

var (
	_ agents.Config  = (*Config)(nil)
	_ agents.Caller  = (*Config)(nil)
	_ agents.Checker = (*Config)(nil)
)
