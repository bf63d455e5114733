package slacktest

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/coder/websocket"
)

// https://docs.slack.dev/apis/events-api/using-socket-mode
const (
	maxSockets    = 10
	warningAhead  = 10 * time.Second
	pingEvery     = 10 * time.Second
	debugLife     = 360 * time.Second // with debug_reconnects=true
	maxAck        = 1 << 20
	socketTimeout = "timeout" // retry_reason
)

// sockets are those of Socket Mode. It is on once the app has opened one: then nothing is
// delivered by HTTP.
type sockets struct {
	on      bool
	tickets map[string]bool // those that were not used
	open    []*socket
	turn    int // whose turn it is to get an envelope
	acks    map[string]chan []byte
}

// socket is a connection of the app.
type socket struct {
	conn  *websocket.Conn
	ready bool        // hello is said
	end   chan string // why it shall end
}

// openConnection hands out the address of a socket, which works once.
// https://docs.slack.dev/reference/methods/apps.connections.open
func (s *Server) openConnection(_ *Team, _ *args) answer {
	ticket := s.id("ticket-")
	s.sockets.tickets[ticket] = true
	return result(object{"url": "ws" + strings.TrimPrefix(s.hooks.base, "http") + "/link/?ticket=" + ticket + "&app_id=" + AppID})
}

// Sockets returns how many sockets are open and have been said hello to.
func (s *Server) Sockets() (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, k := range s.sockets.open {
		if k.ready {
			n++
		}
	}
	return n
}

// serveSocket serves a connection of the app until it ends.
func (s *Server) serveSocket(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	ticket := query.Get("ticket")
	s.mu.Lock()
	known := s.sockets.tickets[ticket] && s.ctx.Err() == nil
	delete(s.sockets.tickets, ticket)
	if known {
		s.running.Add(1)
	}
	s.mu.Unlock()
	if !known {
		http.Error(w, "no such ticket", http.StatusUnauthorized)
		return
	}
	defer s.running.Done()
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{InsecureSkipVerify: true}) // apps have no origin
	if err != nil {
		return
	}
	defer func() { _ = conn.CloseNow() }()
	conn.SetReadLimit(maxAck)
	k := &socket{conn: conn, end: make(chan string, 1)}
	if !s.enter(k) {
		_ = s.say(k, disconnect("too_many_websockets"))
		_ = conn.Close(websocket.StatusNormalClosure, "")
		return
	}
	defer s.leave(k)
	s.live(k, query)
}

// enter adds a socket, unless there are too many.
func (s *Server) enter(k *socket) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.sockets.open) >= maxSockets {
		return false
	}
	s.sockets.open, s.sockets.on = append(s.sockets.open, k), true
	return true
}

// leave takes a socket out that has ended.
func (s *Server) leave(k *socket) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sockets.open = slices.DeleteFunc(s.sockets.open, func(other *socket) bool { return other == k })
	s.change()
}

// live says hello, reads what the app says, and ends the socket when its time is over.
func (s *Server) live(k *socket, query url.Values) {
	life := s.options.Life
	if query.Get("debug_reconnects") == "true" {
		life = debugLife
	}
	s.mu.Lock()
	n := len(s.sockets.open) // this one is among them
	s.mu.Unlock()
	hello := object{
		"type": "hello", "num_connections": n, "connection_info": object{"app_id": AppID},
		"debug_info": object{"host": "fake", "build_number": 1, "approximate_connection_time": int(life.Seconds())},
	}
	if s.say(k, hello) != nil {
		return
	}
	s.mu.Lock()
	k.ready = true
	s.change()
	s.mu.Unlock()
	// Pings are answered while somebody reads, and nowhere else.
	gone := make(chan struct{})
	go func() { defer close(gone); s.read(k) }()
	s.outlive(k, life, gone)
	_ = k.conn.CloseNow()
	<-gone
}

// outlive waits until a socket is gone or its time is over. Then it is warned, and ended ten
// seconds later.
func (s *Server) outlive(k *socket, life time.Duration, gone <-chan struct{}) {
	pings := time.NewTicker(pingEvery)
	defer pings.Stop()
	over, reason := time.After(life-warningAhead), ""
	for reason == "" {
		select {
		case <-gone:
			return
		case <-s.ctx.Done():
			return
		case <-pings.C: // one that does not answer is gone
			ctx, cancel := context.WithTimeout(s.ctx, pingEvery)
			err := k.conn.Ping(ctx)
			cancel()
			if err != nil {
				return
			}
		case <-over:
			reason = "warning"
		case reason = <-k.end:
		}
	}
	if s.say(k, disconnect(reason)) != nil {
		return
	}
	if reason == "warning" {
		// Envelopes go over this socket too until then: who has warned still delivers.
		select {
		case <-gone:
			return
		case <-s.ctx.Done():
			return
		case <-time.After(warningAhead):
		}
		_ = s.say(k, disconnect("refresh_requested"))
	}
	_ = k.conn.Close(websocket.StatusNormalClosure, "")
}

// disconnect is what a socket is told before its end.
func disconnect(reason string) object {
	return object{"type": "disconnect", "reason": reason, "debug_info": object{"host": "fake"}}
}

// Disconnect ends every socket, for a reason: "warning" gives ten seconds, "refresh_requested"
// none, and after "link_disabled" Socket Mode is off.
func (s *Server) Disconnect(reason string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if reason == "link_disabled" {
		s.sockets.on = false
	}
	for _, k := range s.sockets.open {
		select {
		case k.end <- reason:
		default: // it ends already
		}
	}
}

// Cut ends every socket without a word, as a broken network does.
func (s *Server) Cut() {
	s.mu.Lock()
	open := slices.Clone(s.sockets.open)
	s.mu.Unlock()
	for _, k := range open {
		_ = k.conn.CloseNow()
	}
}

// say writes to a socket.
func (s *Server) say(k *socket, o object) error {
	data, err := json.Marshal(o)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(s.ctx, s.options.Grace)
	defer cancel()
	return k.conn.Write(ctx, websocket.MessageText, data)
}

// read takes the acknowledgements of a socket until it ends.
func (s *Server) read(k *socket) {
	for {
		_, data, err := k.conn.Read(s.ctx)
		if err != nil {
			return
		}
		var ack struct {
			ID      string          `json:"envelope_id"`
			Payload json.RawMessage `json:"payload"`
		}
		if json.Unmarshal(data, &ack) != nil {
			continue
		}
		s.mu.Lock()
		if waits := s.sockets.acks[ack.ID]; waits != nil {
			delete(s.sockets.acks, ack.ID)
			waits <- ack.Payload
		}
		s.mu.Unlock()
	}
}
