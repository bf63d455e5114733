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

// serve takes what is signed. Whatever Slack tells, it is acknowledged: an app whose deliveries fail is
// switched off. Only what could not be stored comes again.
// https://docs.slack.dev/apis/events-api#error-handling
func (c *Channel) serve(w http.ResponseWriter, r *http.Request, in channels.Inbox, body []byte) {
	kind, payload, err := parse(body)
	var t taken
	if err == nil {
		t = c.take(r.Context(), kind, payload)
		err = c.deliver(r.Context(), in, t)
	}
	if err != nil {
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

// deliver stores messages, and ends the turn that somebody has stopped. What can never be stored
// is acknowledged.
func (c *Channel) deliver(ctx context.Context, in channels.Inbox, t taken) error {
	if stopper, ok := in.(channels.Stopper); ok && t.stopped != "" {
		return stopper.Stop(ctx, t.stopped, "")
	}
	if len(t.messages) == 0 {
		return nil
	}
	if err := in.Post(ctx, t.messages...); err != nil && !errors.Is(err, channels.ErrInvalid) {
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

func isJSON(body []byte) bool { return bytes.HasPrefix(bytes.TrimLeft(body, " \t\r\n"), []byte("{")) }

// parse returns the kind and the JSON of a body, whatever its Content-Type says: events are JSON,
// the others forms. What is neither is not Slack's.
func parse(body []byte) (kind string, payload []byte, err error) {
	kind, payload = kindEvent, body
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
	_, err = channels.ParseBody(payload)
	return kind, payload, err
}

// taken is what a delivery holds for us, and what it is answered with, nil for nothing.
type taken struct {
	messages []channels.Message
	answer   json.RawMessage
	// stopped is whose turn shall end.
	stopped string
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
			t.messages, t.stopped = c.takeEvent(ctx, &e)
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
