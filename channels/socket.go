package channels

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/coder/websocket"
)

const (
	// socketPing is the time between two pings, and up to a quarter more, so that many sockets do
	// not ping together. A platform that does not answer one for as long is gone, though nothing
	// says so: as after the sleep of a laptop.
	socketPing = 20 * time.Second
	// maxFrame bounds what a platform sends at once.
	maxFrame = maxResponse
)

// Socket is a WebSocket to a platform that we have opened. One goroutine reads at a time, and
// one writes.
type Socket struct {
	conn *websocket.Conn
	// end ends the pings, ended is closed when they have.
	end   context.CancelFunc
	ended chan struct{}
}

// DialSocket opens a WebSocket by the Dial and the Proxy of c. The address may hold a credential:
// no error has it. Whoever is given a Socket closes it.
func DialSocket(ctx context.Context, c ClientConfig, address string) (*Socket, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	client := NewClient(c)
	conn, res, err := websocket.Dial(ctx, address, &websocket.DialOptions{ //nolint:bodyclose // Dial has read the body of an answer that is none
		HTTPClient: &http.Client{Transport: client.transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
	})
	switch {
	case err == nil:
	case ctx.Err() != nil:
		return nil, &SendError{Class: SendUnavailable, Err: context.Cause(ctx)}
	case res != nil:
		return nil, &SendError{Class: SendUnavailable, Err: statusError(res.StatusCode)}
	default:
		return nil, &SendError{Class: SendUnavailable, Err: errors.New("no WebSocket can be opened")}
	}
	conn.SetReadLimit(maxFrame)
	s := &Socket{conn: conn, ended: make(chan struct{})}
	pinging, end := context.WithCancel(context.Background())
	s.end = end
	go s.ping(pinging)
	return s, nil
}

// ping pings until the end, or until one is not answered: then reading ends.
func (s *Socket) ping(ctx context.Context) {
	defer close(s.ended)
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(socketPing + rand.N(socketPing/4)): //nolint:gosec // nobody gains by guessing it
		}
		pinged, cancel := context.WithTimeout(ctx, socketPing)
		err := s.conn.Ping(pinged)
		cancel()
		if err != nil {
			_ = s.conn.CloseNow()
			return
		}
	}
}

// Read returns the next message. After an error, also the end of ctx, the Socket is of no more use.
func (s *Socket) Read(ctx context.Context) ([]byte, error) {
	_, data, err := s.conn.Read(ctx)
	if err != nil && ctx.Err() == nil {
		err = errors.New("the WebSocket has ended")
	}
	return data, err
}

// Write writes v as JSON.
func (s *Socket) Write(ctx context.Context, v any) error {
	data, err := Marshal(v)
	if err != nil {
		return err
	}
	if err := s.conn.Write(ctx, websocket.MessageText, data); err != nil {
		return errors.New("the WebSocket has ended")
	}
	return nil
}

// Close ends the connection, without waiting for the platform's word.
func (s *Socket) Close() {
	s.end()
	_ = s.conn.CloseNow()
	<-s.ended
}
