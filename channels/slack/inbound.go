package slack

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/manyvox/manyvox/channels"
)

// The kinds of what Slack delivers, as Socket Mode calls them.
const (
	kindEvent       = "events_api"
	kindInteraction = "interactive"
	kindCommand     = "slash_commands"
)

// Inbound serves POST /webhook: events, interactions and slash commands. Where they are fetched
// by Socket Mode and there is no signing secret, nobody's request is signed.
func (c *Channel) Inbound(in channels.Inbox) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.TrimSuffix(r.URL.Path, "/") != "/webhook" {
			channels.WriteError(w, channels.Errorf(channels.CodeNotFound, "no such route: events are posted to /webhook"))
			return
		}
		body, err := channels.ReadRaw(r)
		if err == nil && isCheck(body) {
			return // Slack asks whether our certificate is right. This alone it does not sign
		}
		if err == nil {
			err = c.verify(r.Header, body)
		}
		if err == nil && r.Method != http.MethodPost {
			w.Header().Set("Allow", http.MethodPost)
			err = channels.Errorf(channels.CodeMethodNotAllowed, "method %s: events are sent by POST", r.Method)
		}
		if err != nil {
			channels.WriteError(w, err)
			return
		}
		c.serve(w, r, in, body)
	})
}

// isCheck reports whether a form is Slack's ssl_check.
func isCheck(body []byte) bool {
	return !isJSON(body) && bytes.Contains(append([]byte("&"), body...), []byte("&ssl_check=1"))
}

// serve takes what is signed. Whatever it is, it is acknowledged: an app whose deliveries fail is
// switched off. Only what could not be stored comes again.
// https://docs.slack.dev/apis/events-api#error-handling
func (c *Channel) serve(w http.ResponseWriter, r *http.Request, in channels.Inbox, body []byte) {
	t := c.take(r.Context(), kindOf(body), payloadOf(body))
	if err := post(r.Context(), in, t.messages); err != nil {
		channels.WriteError(w, err)
		return
	}
	if c.isLastRetry(r.Header) {
		w.Header().Set("X-Slack-No-Retry", "1")
	}
	if t.answer != nil {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(t.answer) // a caller that is gone needs no answer
	}
}

// post stores messages. What can never be stored is acknowledged.
func post(ctx context.Context, in channels.Inbox, ms []channels.Message) error {
	if len(ms) == 0 {
		return nil
	}
	if err := in.Post(ctx, ms...); err != nil && !errors.Is(err, channels.ErrInvalid) {
		return err
	}
	return nil
}

// isLastRetry reports whether a delivery is a repetition for one of the reasons for which none
// is wanted. It is stored all the same, since the first one may have been lost; the message's id
// tells whether it was.
func (c *Channel) isLastRetry(h http.Header) bool {
	reason := h.Get(c.config.RetryReasonHeader)
	return h.Get(c.config.RetryNumberHeader) != "" && slices.Contains(c.config.ErrorsIgnoreRetry, reason)
}

// kindOf tells JSON, which events are, from the forms of the others.
func kindOf(body []byte) string {
	switch {
	case isJSON(body):
		return kindEvent
	case bytes.HasPrefix(body, []byte("payload=")):
		return kindInteraction
	}
	return kindCommand
}

func isJSON(body []byte) bool {
	trimmed := bytes.TrimLeft(body, " \t\r\n")
	return len(trimmed) > 0 && trimmed[0] == '{'
}

// payloadOf returns the JSON of a body, whatever its Content-Type says.
func payloadOf(body []byte) []byte {
	if isJSON(body) {
		return body
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil
	}
	if form.Has("payload") {
		return []byte(form.Get("payload"))
	}
	fields := map[string]string{}
	for name := range form {
		fields[name] = form.Get(name)
	}
	encoded, _ := channels.Marshal(fields) // of texts
	return encoded
}

// taken is what a delivery holds for us, and what it is answered with, nil for nothing.
type taken struct {
	messages []channels.Message
	answer   json.RawMessage
}

// take reads a delivery. What is no turn is recorded and gives no messages.
func (c *Channel) take(ctx context.Context, kind string, body []byte) (t taken) {
	var err error
	switch kind {
	case kindEvent:
		var e envelope
		if err = json.Unmarshal(body, &e); err == nil && e.Challenge != "" {
			t.answer, err = channels.Marshal(map[string]string{"challenge": e.Challenge})
		} else if err == nil {
			t.messages = c.takeEvent(ctx, &e)
		} else if name := e.kind(); name != "" {
			kind = name
		}
	case kindInteraction:
		var i interaction
		if err = json.Unmarshal(body, &i); err == nil && i.Type == "block_suggestion" {
			t.answer = json.RawMessage(`{"options":[]}`)
		} else if err == nil {
			t.messages = c.takeInteraction(ctx, &i)
		}
	case kindCommand:
		var cmd command
		if err = json.Unmarshal(body, &cmd); err == nil {
			t.messages = c.takeCommand(ctx, &cmd)
		}
	default:
		err = errors.New("unknown")
	}
	if err != nil {
		c.ignored(ctx, kind, "it is not as Slack describes it")
	}
	return t
}
