// Package callback is the channel for programs that take their replies later: a
// message comes in by POST and is acknowledged at once, and each reply goes out as a
// POST of its own. It is Rasa's callback channel:
// https://rasa.com/docs/rasa/connectors/your-own-website/#callbackinput
package callback

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/manyvox/manyvox/channels"
)

// defaultRetryAfter is how long a caller shall wait when the inbox gives no time.
const defaultRetryAfter = time.Second

// Type lists the channel.
func Type() channels.Type {
	return channels.Type{
		Name:    "callback",
		Aliases: []string{"rasa.core.channels.callback.CallbackInput"},
		Takes:   []channels.Kind{channels.KindText, channels.KindAttachment},
		Example: "url: https://app.example/bot",
		New:     func() channels.Config { return newConfig() },
	}
}

// Channel is a callback channel.
type Channel struct {
	client       *channels.Client
	endpoint     *endpoint
	inboundToken channels.Secret
	now          func() time.Time
}

// Guarded returns the guard of the webhook. Its token is inbound_token, since Rasa's
// key token is the one that goes out.
func (c *Channel) Guarded() channels.Guard {
	return channels.Guard{Token: c.inboundToken, Key: "inbound_token"}
}

// Inbound serves POST /webhook with Rasa's body and answers "success" as soon as the
// message is stored. A message that is refused is answered with the error, not
// acknowledged: the caller is a program and no platform that would redeliver it for ever.
func (c *Channel) Inbound(in channels.Inbox) http.Handler {
	return channels.Webhook{}.Handler(func(w http.ResponseWriter, r *http.Request, m channels.Message) {
		if err := in.Post(r.Context(), m); err != nil {
			channels.WriteError(w, postError(err))
			return
		}
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = io.WriteString(w, "success") // a caller that is gone needs no answer
	})
}

// postError returns an error of Post for the caller, with a RetryAfter if a retry may help.
func postError(err error) error {
	e := *channels.AsError(err)
	if errors.Is(err, channels.ErrUnavailable) && e.RetryAfter == 0 {
		e.RetryAfter = defaultRetryAfter
	}
	return &e
}

// Fit cuts a part into what Rasa posts: quick replies become buttons, each element becomes
// a text with buttons.
func (c *Channel) Fit(p channels.Part) []channels.Part {
	collected := channels.Collected(p.Reply)
	parts := make([]channels.Part, len(collected))
	for i, r := range collected {
		parts[i] = p
		parts[i].Reply = r
	}
	return parts
}

// Address returns "": all replies go to the one target.
func (c *Channel) Address(string) (string, error) { return "", nil }

// Send posts the reply of one part.
func (c *Channel) Send(ctx context.Context, p channels.Part) (channels.Receipt, error) {
	body, err := bodyOf(p.Reply)
	if err != nil {
		return channels.Receipt{}, &channels.SendError{Class: channels.SendRejected, Err: err}
	}
	req, err := c.endpoint.request(ctx, p.ID, body, c.now())
	if err != nil {
		return channels.Receipt{}, &channels.SendError{Class: channels.SendRejected, Err: err}
	}
	res, err := c.client.Do(req)
	if err != nil {
		return channels.Receipt{}, err
	}
	defer func() { _ = res.Body.Close() }()
	if err := sendError(res); err != nil {
		return channels.Receipt{}, err
	}
	return channels.Receipt{Time: c.now()}, nil
}

func bodyOf(r channels.Reply) ([]byte, error) {
	collected := channels.Collected(r)
	if len(collected) != 1 {
		return nil, fmt.Errorf("a part that shows %d messages: Fit makes a part of each", len(collected))
	}
	body, err := collected[0].AppendJSON(nil)
	if err != nil {
		return nil, errors.New("the reply is not JSON") // the cause quotes it
	}
	return body, nil
}

// RateKey returns the same key for every part: whatever the conversation, it is the one
// target that takes the POSTs and that counts them.
func (c *Channel) RateKey(channels.Part) string { return "url" }

// sendError returns the error that the target's status means, nil for 2xx. There is one
// address for all conversations, so that an error of it is one of the whole channel.
func sendError(res *http.Response) error {
	err := channels.CheckResponse(res)
	if err == nil {
		return nil
	}
	e := channels.AsSendError(err)
	e.Scope = channels.ScopeChannel
	switch res.StatusCode { // the others mean here what they mean everywhere
	case http.StatusForbidden:
		// The target is no recipient but a program that checks our token and our
		// signature. Some programs and gateways say 403 of a wrong one, and not 401.
		e.Class = channels.SendUnauthorized
	case http.StatusNotFound:
		// Many a proxy answers 404 while the target is being replaced. A target that is
		// gone for good answers 410.
		e.Class = channels.SendUnavailable
	}
	return e
}

var (
	_ channels.Channel   = (*Channel)(nil)
	_ channels.Sender    = (*Channel)(nil)
	_ channels.Fitter    = (*Channel)(nil)
	_ channels.Addresser = (*Channel)(nil)
	_ channels.Keyer     = (*Channel)(nil)
	_ channels.Guarded   = (*Channel)(nil)
)
