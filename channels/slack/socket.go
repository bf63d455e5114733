package slack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"sync"
	"time"

	"github.com/manyvox/manyvox/channels"
)

const (
	// socketPause is the time between two attempts to open a socket.
	socketPause = 3 * time.Second
	// lastFrames bounds how long a socket is still read that Slack has said it will end.
	lastFrames = 30 * time.Second
)

// Run fetches events by Socket Mode where there is an app_token, and keeps asking who we are
// until Slack tells. A Slack that is down stops no start.
func (c *Channel) Run(ctx context.Context, in channels.Inbox) error {
	var running sync.WaitGroup
	defer running.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	running.Go(func() { c.learn(ctx) })
	for ctx.Err() == nil {
		if c.config.AppToken == "" {
			<-ctx.Done()
			break
		}
		s, err := c.openSocket(ctx)
		if err == nil {
			left := make(chan error, 1)
			running.Go(func() { c.serveSocket(ctx, in, s, left) })
			if err = <-left; err == nil {
				continue // the next one is opened before this one is closed
			}
		}
		switch class := channels.AsSendError(err).Class; {
		case ctx.Err() != nil:
		case class == channels.SendRejected, class == channels.SendUnauthorized, class == channels.SendGone:
			return fmt.Errorf("socket: %w", err) // it does not pass by itself
		default:
			c.log.Warn("socket not open, opening another", "error", err)
			pause(ctx, max(socketPause, channels.AsSendError(err).RetryAfter))
		}
	}
	return nil
}

// frame is what Slack says on a socket. https://docs.slack.dev/apis/events-api/using-socket-mode
type frame struct {
	Type    string          `json:"type"`
	Reason  string          `json:"reason"`
	ID      string          `json:"envelope_id"`
	Payload json.RawMessage `json:"payload"`
	Answers bool            `json:"accepts_response_payload"`
}

// openSocket opens a socket, and returns it once Slack delivers by it.
func (c *Channel) openSocket(ctx context.Context) (*channels.Socket, error) {
	var opened struct {
		URL string `json:"url"`
	}
	if _, err := c.app.ask(ctx, "apps.connections.open", nil, &opened); err != nil {
		return nil, fmt.Errorf("app_token: %w", err)
	}
	u, err := url.Parse(opened.URL)
	if err != nil || !c.isNamed(u) {
		return nil, rejected("apps.connections.open names an address that is not at the host of api_base_url")
	}
	s, err := channels.DialSocket(ctx, channels.ClientConfig{Dial: c.dial, Proxy: c.config.proxy()}, opened.URL)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, lastFrames)
	defer cancel()
	f, err := readFrame(ctx, s)
	if err == nil && f.Type != "hello" {
		err = fmt.Errorf("the socket begins with %.40q and not with hello", f.Type+" "+f.Reason)
	}
	if err != nil {
		s.Close()
		return nil, &channels.SendError{Class: channels.SendUnavailable, Err: err}
	}
	c.log.Info("events are fetched by Socket Mode")
	return s, nil
}

func readFrame(ctx context.Context, s *channels.Socket) (f frame, err error) {
	data, err := s.Read(ctx)
	if err == nil && json.Unmarshal(data, &f) != nil {
		f = frame{Type: "unknown"}
	}
	return f, err
}

// serveSocket takes what comes by a socket until it ends. It tells left once: nil when Slack will
// end it soon, or why it has ended.
func (c *Channel) serveSocket(ctx context.Context, in channels.Inbox, s *channels.Socket, left chan<- error) {
	defer s.Close()
	tell := func(err error) {
		select {
		case left <- err:
		default: // it was told
		}
	}
	for {
		f, err := readFrame(ctx, s)
		switch {
		case err != nil:
			tell(err)
			return
		case f.Type == "disconnect" && f.Reason == "link_disabled":
			tell(rejected("it is switched off on the page Socket Mode of the app"))
			return
		case f.Type == "disconnect":
			tell(nil)
			var cancel context.CancelFunc
			ctx, cancel = context.WithTimeout(ctx, lastFrames)
			defer cancel()
		case f.ID != "":
			c.takeFrame(ctx, in, s, &f)
		}
	}
}

// takeFrame stores what an envelope holds and acknowledges it. What could not be stored is not
// acknowledged: it comes again, by this socket or another.
func (c *Channel) takeFrame(ctx context.Context, in channels.Inbox, s *channels.Socket, f *frame) {
	t := c.take(ctx, f.Type, f.Payload)
	if err := c.deliver(ctx, in, t); err != nil {
		c.log.Warn("event not stored, Slack delivers it again", "error", err)
		return
	}
	ack := params{"envelope_id": f.ID}
	if f.Answers && t.answer != nil {
		ack["payload"] = t.answer
	}
	if err := s.Write(ctx, ack); err != nil && !errors.Is(err, context.Canceled) {
		c.log.Debug("event not acknowledged: it comes once more, and is known", "error", err)
	}
}

// pause waits, unless ctx ends.
func pause(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}
