package slack

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/manyvox/manyvox/channels"
)

// Run fetches events by Socket Mode where there is an app_token, and keeps asking who we are
// until Slack tells. A Slack that is down stops no start.
func (c *Channel) Run(ctx context.Context, in channels.Inbox) error {
	var running sync.WaitGroup
	defer running.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	running.Go(func() { channels.Loop{Log: c.log, Failed: "Slack does not say who we are"}.Until(ctx, c.learn) })
	if c.config.AppToken == "" {
		<-ctx.Done()
		return nil
	}
	return channels.SocketLoop{
		Loop: channels.Loop{Log: c.log, Failed: "events not fetched", Pause: 3 * time.Second}, Open: c.openSocket,
		Take: func(ctx context.Context, s *channels.Socket, message []byte, leave func()) error {
			return c.takeFrame(ctx, in, s, message, leave)
		},
	}.Run(ctx)
}

// frame is what Slack says on a socket. https://docs.slack.dev/apis/events-api/using-socket-mode
type frame struct {
	Type, Reason string
	Payload      json.RawMessage
	ID           string `json:"envelope_id"`
	Answers      bool   `json:"accepts_response_payload"`
}

// openSocket opens a socket, and returns it once Slack delivers by it.
func (c *Channel) openSocket(ctx context.Context) (*channels.Socket, error) {
	var opened struct {
		URL string `json:"url"`
	}
	if _, err := c.app.ask(ctx, "apps.connections.open", nil, &opened); err != nil {
		return nil, fmt.Errorf("app_token: %w", err)
	}
	if err := c.checkNamed(opened.URL); err != nil {
		return nil, err
	}
	s, err := channels.DialSocket(ctx, c.socket, opened.URL)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second) // for Slack to begin
	defer cancel()
	message, err := s.Read(ctx)
	var f frame
	if err == nil && (json.Unmarshal(message, &f) != nil || f.Type != "hello") {
		err = unknown("the socket begins with " + f.Type + " " + f.Reason + " and not with hello")
	}
	if err != nil {
		s.Close()
	}
	return s, err
}

// takeFrame stores what an envelope holds and acknowledges it. What could not be stored is not
// acknowledged: it comes again, by this socket or another.
func (c *Channel) takeFrame(ctx context.Context, in channels.Inbox, s *channels.Socket, message []byte, leave func()) error {
	var f frame
	_ = json.Unmarshal(message, &f) // what is none has no id
	switch {
	case f.Type == "disconnect" && f.Reason == "link_disabled":
		return channels.Rejected("Socket Mode is switched off on the app's page of that name")
	case f.Type == "disconnect":
		leave()
		return nil
	case f.ID == "":
		return nil
	}
	t := c.take(ctx, f.Type, f.Payload)
	if err := t.Post(ctx, in); err != nil {
		c.log.Warn("event not stored, Slack delivers it again", "error", err)
		return nil
	}
	ack := params{"envelope_id": f.ID}
	if f.Answers && t.answer != nil {
		ack["payload"] = t.answer
	}
	return s.Write(ctx, ack)
}
