package slack

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"

	"github.com/manyvox/manyvox/channels"
)

// The kinds of what Slack delivers, as Socket Mode calls them.
const (
	kindEvent       = "events_api"
	kindInteraction = "interactive"
	kindCommand     = "slash_commands"
)

// Inbound serves POST /webhook: events, interactions and slash commands. Whatever Slack tells is
// acknowledged: an app whose deliveries fail is switched off. Only what could not be stored comes
// again. https://docs.slack.dev/apis/events-api#error-handling
func (c *Channel) Inbound(in channels.Inbox) http.Handler {
	return channels.EventWebhook{Verify: c.verify, Take: c.takeBody}.Handler(in)
}

// takeBody reads a body, whatever its Content-Type says: events are JSON, the others forms. What
// is neither is not Slack's.
func (c *Channel) takeBody(ctx context.Context, body []byte) (channels.Told, error) {
	if isCheck(body) {
		return channels.Told{}, nil
	}
	kind, payload := kindEvent, body
	if form, err := url.ParseQuery(string(body)); !isJSON(body) && err == nil {
		switch {
		case form.Has("payload"):
			kind, payload = kindInteraction, []byte(form.Get("payload"))
		case form.Has("command"):
			fields := map[string]string{}
			for name := range form {
				fields[name] = form.Get(name)
			}
			kind = kindCommand
			payload, _ = channels.Marshal(fields) // of texts
		}
	}
	if _, err := channels.ParseBody(payload); err != nil {
		return channels.Told{}, err
	}
	t := c.take(ctx, kind, payload)
	if t.answer == nil {
		return channels.Told{Incoming: t.Incoming}, nil
	}
	return channels.Told{Incoming: t.Incoming, Answer: func(w http.ResponseWriter) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(t.answer) // a caller that is gone needs no answer
	}}, nil
}

func isJSON(body []byte) bool { return bytes.HasPrefix(bytes.TrimLeft(body, " \t\r\n"), []byte("{")) }

// isCheck reports whether a form is Slack's ssl_check: it asks whether our certificate is right,
// and is the only one that is not signed.
func isCheck(body []byte) bool {
	return !isJSON(body) && bytes.Contains(append([]byte("&"), body...), []byte("&ssl_check=1"))
}

// taken is what a delivery holds for us, and the JSON that answers it, nil for nothing.
type taken struct {
	channels.Incoming
	answer json.RawMessage
}

// take reads a delivery. What is nothing for us is recorded.
func (c *Channel) take(ctx context.Context, kind string, body []byte) (t taken) {
	var err error
	switch kind {
	case kindEvent:
		var e envelope
		if err = json.Unmarshal(body, &e); err == nil && e.Challenge != "" {
			t.answer, err = channels.Marshal(params{"challenge": e.Challenge})
		} else if err == nil {
			c.takeEvent(ctx, &e, &t)
		}
	case kindInteraction:
		var i interaction
		if err = json.Unmarshal(body, &i); err == nil {
			c.takeInteraction(ctx, &i, &t)
		}
	case kindCommand:
		var cmd command
		if err = json.Unmarshal(body, &cmd); err == nil {
			c.takeCommand(ctx, &cmd, &t)
		}
	default:
		err = errors.New("unknown")
	}
	if err != nil {
		c.ignored(ctx, kind, "it is not as Slack describes it")
	}
	return t
}
