package server

import (
	"cmp"
	"context"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/manyvox/manyvox/service/auth"
	"github.com/manyvox/manyvox/service/instance"
)

const (
	headerTimeout = 10 * time.Second
	idleTimeout   = 120 * time.Second
	// pingAfter and pingTimeout find HTTP/2 connections whose other end is gone.
	pingAfter   = 30 * time.Second
	pingTimeout = 15 * time.Second
)

// DefaultMaxStreams is how many calls may be under way on one HTTP/2 connection. A client
// that begins calls and resets them may have five times as many unfinished before its
// connection is ended (net/http), so a high number is memory that any stranger can take:
// with 10,000 a flood of 200,000 resets was taken, and 300 MB with it.
const DefaultMaxStreams = 250

// Config is what is served.
type Config struct {
	// RPC are the handlers of the typed API, by their paths.
	RPC map[string]http.Handler
	// Metrics serves /metrics. It asks for no token.
	Metrics http.Handler
	// OpenAPI serves /openapi.json, which describes the routes. Nil means that nothing does.
	OpenAPI http.Handler
	// Uploads returns the handler of a channel's uploads, Media that of its media, which is
	// called with what follows /webhooks/<name>/media/ as the path and asks for no token.
	Uploads, Media func(*instance.Instance) http.Handler
	// AgentMessages takes what agents say outside a turn. It asks for a signature. Its pattern has
	// {name}.
	AgentMessages http.Handler
	// Ready returns why no messages are taken, nil while they are.
	Ready func() error
	Guard auth.Guard
	// MaxBody is the largest body, in bytes, decompressed.
	MaxBody int64
	// CORS lists the origins whose pages may call, and show the chat page in a frame; "*"
	// means all, nothing none.
	CORS []string
	// Chat holds the files of the chat page; nil means no page.
	Chat fs.FS
	// ChatSettings are what the page shows until ShowChat.
	ChatSettings instance.ChatSettings
	// Version is told by "GET /".
	Version string
}

// New returns a server of everything on the one port, HTTP/1.1 and HTTP/2 without TLS.
// Base is the context of every request. MaxStreams bounds the calls on one HTTP/2
// connection; 0 means DefaultMaxStreams. What strangers get wrong is logged at DEBUG.
func New(base context.Context, h http.Handler, maxStreams int, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           h,
		Protocols:         protocols(),
		HTTP2:             http2Config(cmp.Or(maxStreams, DefaultMaxStreams)),
		BaseContext:       func(net.Listener) context.Context { return base },
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug), // junk from strangers is no news
		ReadHeaderTimeout: headerTimeout,
		IdleTimeout:       idleTimeout,
	}
}

func protocols() *http.Protocols {
	p := new(http.Protocols)
	p.SetHTTP1(true)
	p.SetUnencryptedHTTP2(true)
	return p
}

// http2Config finds dead connections by pings, since an idle HTTP/2 connection may be a
// gateway's that comes back.
func http2Config(maxStreams int) *http.HTTP2Config {
	return &http.HTTP2Config{
		MaxConcurrentStreams: maxStreams,
		SendPingTimeout:      pingAfter,
		PingTimeout:          pingTimeout,
		WriteByteTimeout:     writeTimeout,
	}
}
