package slack

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"time"

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
	signature := channels.HMACSignature{ // https://docs.slack.dev/authentication/verifying-requests-from-slack
		Key: "slack_signing_secret", Secret: c.config.SlackSigningSecret, Version: "v0",
		TimeHeader: "X-Slack-Request-Timestamp", SignatureHeader: "X-Slack-Signature", MaxAge: 5 * time.Minute,
	}
	return channels.EventWebhook{Take: c.takeBody, Verify: func(h http.Header, body []byte) error {
		if isCheck(body) {
			return nil
		}
		return signature.Verify(h, body)
	}}.Handler(in)
}

func isJSON(body []byte) bool { return bytes.HasPrefix(bytes.TrimLeft(body, " \t\r\n"), []byte("{")) }

// isCheck reports whether a form is Slack's ssl_check: it asks whether our certificate is right,
// and is the only one that is not signed.
func isCheck(body []byte) bool {
	return !isJSON(body) && bytes.Contains(append([]byte("&"), body...), []byte("&ssl_check=1"))
}

// takeBody reads a body, whatever its Content-Type says: events are JSON, the others forms. What
// is neither is recorded: an app whose answers are no 2xx is switched off.
func (c *Channel) takeBody(ctx context.Context, body []byte) (told channels.Told, err error) {
	if isCheck(body) {
		return told, nil
	}
	kind, payload := kindEvent, body
	if form, err := url.ParseQuery(string(body)); !isJSON(body) && err == nil {
		switch {
		case form.Has("payload"):
			kind, payload = kindInteraction, []byte(form.Get("payload"))
		case form.Has("command"):
			kind, payload = kindCommand, channels.FormJSON(form)
		}
	}
	if _, err := channels.ParseBody(payload); err != nil {
		c.ignored(ctx, kind, "it is not as Slack describes it")
		return told, nil
	}
	t := c.take(ctx, kind, payload)
	told.Incoming = t.Incoming
	if t.answer != nil {
		told.Answer = func(w http.ResponseWriter) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write(t.answer) // a caller that is gone needs no answer
		}
	}
	return told, nil
}

// taken is what a delivery holds for us, and the JSON that answers it, nil for nothing.
type taken struct {
	channels.Incoming
	answer json.RawMessage
}

// take reads a delivery. What is nothing for us is recorded.
func (c *Channel) take(ctx context.Context, kind string, body []byte) (t taken) {
	var e envelope
	var i interaction
	var cmd command
	into := map[string]any{kindEvent: &e, kindInteraction: &i, kindCommand: &cmd}[kind]
	switch err := json.Unmarshal(body, into); { // also where the kind is unknown
	case err != nil:
		c.ignored(ctx, kind, "it is not as Slack describes it")
	case kind == kindInteraction:
		c.takeInteraction(ctx, &i, &t)
	case kind == kindCommand:
		c.takeCommand(ctx, &cmd, &t)
	case e.Challenge != "":
		t.answer, _ = channels.Marshal(params{"challenge": e.Challenge}) // of a text
	default:
		c.takeEvent(ctx, &e, &t)
	}
	return t
}
