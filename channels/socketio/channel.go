// Package socketio is the channel for chat widgets on web pages: Rasa's keys, events and
// payloads over Socket.IO 5 and Engine.IO 4, by polling and by WebSocket.
// https://rasa.com/docs/rasa/connectors/your-own-website/#websocket-channel
package socketio

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/manyvox/manyvox/channels"
)

// keepWithoutSession is how long a part is kept without session_persistence, where a
// socket that has gone cannot come back. It suffices for another replica to find that the
// socket is connected to it.
const keepWithoutSession = time.Minute

// Type lists the channel.
func Type() channels.Type {
	return channels.Type{
		Name:     "socketio",
		Aliases:  []string{"rasa.core.channels.socketio.SocketIOInput"},
		Takes:    []channels.Kind{channels.KindText, channels.KindAttachment},
		Replicas: true, // a client may come to any of them
		New:      func() channels.Config { return newConfig() },
	}
}

// Channel is a Socket.IO channel.
type Channel struct {
	config   *Config
	log      *slog.Logger
	engine   *engine
	hub      *hub
	presence *presence
	signer   signer
	verifier *verifier
	missing  []string
}

// Inbound returns nil: clients call the routes that Mount returns.
func (c *Channel) Inbound(channels.Inbox) http.Handler { return nil }

// Mount serves Engine.IO at socketio_path, with and without a slash behind it.
func (c *Channel) Mount(in channels.Inbox) []channels.Route {
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.engine.serve(w, r, func(to *conn) receiver {
			caller := context.WithoutCancel(r.Context()) // the socket outlives the handshake
			return &socket{channel: c, in: in, conn: to, caller: caller, bucket: newBucket(c.config.MaxMessages)}
		})
	})
	return []channels.Route{{Pattern: c.config.Path, Handler: h}, {Pattern: c.config.Path + "/{$}", Handler: h}}
}

// Run closes every connection when ctx ends. The clients connect again, to the next
// program or to another replica.
func (c *Channel) Run(ctx context.Context, _ channels.Inbox) error {
	<-ctx.Done()
	close(c.presence.closing)
	c.engine.close()
	return nil
}

// Missing returns the keys that are not set and what follows from that.
func (c *Channel) Missing() []string { return c.missing }

// Fit makes a part of each bot_uttered.
func (c *Channel) Fit(p channels.Part) []channels.Part { return fit(p) }

// Send emits a part to every socket of the sender. It succeeds when one of them has the
// part: written to its WebSocket, or as the answer to its poll. When none has a WebSocket or
// a poll under way, it fails at once as absent; the next poll wakes the part.
func (c *Channel) Send(ctx context.Context, p channels.Part) (channels.Receipt, error) {
	payload, err := payloadOf(p.Reply)
	if err != nil {
		return channels.Receipt{}, &channels.SendError{Class: channels.SendRejected, Err: err}
	}
	absent := &channels.SendError{Class: channels.SendAbsent, Keep: c.keep(), Err: errors.New("nobody is connected")}
	if !c.engine.begin() {
		return channels.Receipt{}, absent
	}
	defer c.engine.work.Done()
	data := eventPacket(c.config.Namespace, c.config.BotMessageEvent, payload).append([]byte{engineMessage})
	if !deliver(ctx, c.hub.socketsOf(p.Sender), data) {
		return channels.Receipt{}, absent
	}
	return channels.Receipt{Time: time.Now()}, nil
}

// keep returns how long a part is kept while its sender is not connected.
func (c *Channel) keep() time.Duration {
	if c.config.SessionPersistence {
		return c.config.OfflineTTL
	}
	return min(c.config.OfflineTTL, keepWithoutSession)
}

// deliver writes a packet to all sockets at once and reports whether one of them took it.
// Then the packet is left for those that are between two polls, since it is not sent again.
func deliver(ctx context.Context, sockets []*socket, data []byte) bool {
	if len(sockets) == 1 {
		return sockets[0].conn.deliver(ctx, data) == nil
	}
	var wg sync.WaitGroup
	errs := make([]error, len(sockets))
	for i, s := range sockets {
		wg.Go(func() { errs[i] = s.conn.deliver(ctx, data) })
	}
	wg.Wait()
	if !slices.Contains(errs, nil) {
		return false
	}
	for i, s := range sockets {
		if errors.Is(errs[i], errNoPoll) {
			s.conn.leave(data)
		}
	}
	return true
}

var (
	_ channels.Channel    = (*Channel)(nil)
	_ channels.Mounter    = (*Channel)(nil)
	_ channels.Runner     = (*Channel)(nil)
	_ channels.Sender     = (*Channel)(nil)
	_ channels.Fitter     = (*Channel)(nil)
	_ channels.Incomplete = (*Channel)(nil)
)
