package channels

import (
	"encoding/json"
	"net/http"
	"strings"
)

// Webhook is a channel that takes a JSON object at POST <prefix>/webhook, waits for the
// assistant and answers with its replies: as one array, or with ?stream=true as one line
// each as they come. A nil function does what the method of Rasa's InputChannel in its
// description does.
type Webhook struct {
	// Sender returns who writes (_extract_sender): the key "sender".
	Sender func(*http.Request, Body) (string, error)
	// Message returns the text (_extract_message): the key "message", which must
	// be there unless the body has attachments.
	Message func(*http.Request, Body) (string, error)
	// InputChannel returns the channel name to record (_extract_input_channel):
	// the key "input_channel", or "" for the instance's own.
	InputChannel func(*http.Request, Body) (string, error)
	// Metadata returns any JSON value (get_metadata): the key "metadata".
	Metadata func(*http.Request, Body) (json.RawMessage, error)
	// Partial answers 200 with the replies so far when the agent fails, as Rasa
	// does, instead of an error.
	Partial bool
}

// Inbound serves POST /webhook, with or without a slash behind it.
func (h Webhook) Inbound(in Inbox) http.Handler {
	return h.Handler(func(w http.ResponseWriter, r *http.Request, m Message) { h.ask(w, r, in, m) })
}

// Handler serves what Inbound does for a channel that answers in its own way: take
// gets each message and answers. A request that holds none is answered already.
func (h Webhook) Handler(take func(http.ResponseWriter, *http.Request, Message)) http.Handler {
	h = h.withDefaults()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.TrimSuffix(r.URL.Path, "/") != "/webhook":
			WriteError(w, Errorf(CodeNotFound, "no such route: messages are posted to /webhook"))
		case r.Method != http.MethodPost:
			w.Header().Set("Allow", http.MethodPost)
			WriteError(w, Errorf(CodeMethodNotAllowed, "method %s: messages are sent by POST", r.Method))
		default:
			m, err := h.message(r)
			if err != nil {
				WriteError(w, err)
				return
			}
			take(w, r, m)
		}
	})
}

func (h Webhook) withDefaults() Webhook {
	if h.Sender == nil {
		h.Sender = func(_ *http.Request, b Body) (string, error) { return b.ID("sender") }
	}
	if h.Message == nil {
		h.Message = extractMessage
	}
	if h.InputChannel == nil {
		h.InputChannel = func(_ *http.Request, b Body) (string, error) {
			if !Truthy(b["input_channel"]) {
				return "", nil
			}
			s, _, err := b.Text("input_channel")
			return s, err
		}
	}
	if h.Metadata == nil {
		h.Metadata = func(_ *http.Request, b Body) (json.RawMessage, error) { return b.Raw("metadata"), nil }
	}
	return h
}

func extractMessage(_ *http.Request, b Body) (string, error) {
	s, ok, err := b.Text("message")
	if err == nil && !ok && !Truthy(b["attachments"]) {
		return "", Errorf(CodeInvalid, `key "message" is missing: expected the user's text, which may be empty`)
	}
	return s, err
}

func (h Webhook) ask(w http.ResponseWriter, r *http.Request, in Inbox, m Message) {
	if streaming(r) {
		s := NewStream(w, r)
		s.recipient = m.Sender
		s.Finish(in.Ask(r.Context(), m, s))
		return
	}
	var c Collector
	err := in.Ask(r.Context(), m, &c)
	if err != nil && !(h.Partial && isAgentFailure(err)) {
		e := *AsError(err)
		e.Replies = c.Replies
		WriteError(w, &e)
		return
	}
	WriteReplies(w, c.Replies)
}

// isAgentFailure reports whether the request was valid and the agent failed.
func isAgentFailure(err error) bool {
	c := AsError(err).Code
	return c == CodeAgentFailed || c == CodeDeadlineExceeded
}

func (h Webhook) message(r *http.Request) (m Message, err error) {
	b, err := ReadBody(r)
	if err != nil {
		return m, err
	}
	if m.Sender, err = h.Sender(r, b); err != nil {
		return m, err
	}
	if m.Text, err = h.Message(r, b); err != nil {
		return m, err
	}
	if m.InputChannel, err = h.InputChannel(r, b); err != nil {
		return m, err
	}
	if m.Metadata, err = h.Metadata(r, b); err != nil {
		return m, err
	}
	if m.ID, err = b.ID("message_id"); err != nil {
		return m, err
	}
	m.Attachments, err = b.Attachments("attachments")
	return m, err
}

// streaming reads Rasa's switch: the first value of "stream", in any case.
func streaming(r *http.Request) bool {
	return r.URL.RawQuery != "" && strings.EqualFold(r.URL.Query().Get("stream"), "true")
}

var _ Channel = Webhook{}
