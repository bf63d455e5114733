package channels

import (
	"encoding/json"
	"math"
	"net/http"
	"strconv"
)

// WriteReplies answers with the replies as one JSON array, as Rasa's REST channel
// does: "[]" when there are none.
func WriteReplies(w http.ResponseWriter, replies []Reply) {
	b, err := appendReplies(make([]byte, 0, 512), replies)
	if err != nil {
		WriteError(w, &Error{Code: CodeAgentFailed, Message: "the agent gave a reply that is not JSON", Err: err})
		return
	}
	writeJSON(w, http.StatusOK, b)
}

func appendReplies(b []byte, replies []Reply) ([]byte, error) {
	var err error
	b = append(b, '[')
	for i := range replies {
		if i > 0 {
			b = append(b, ',')
		}
		if b, err = replies[i].AppendJSON(b); err != nil {
			return nil, err
		}
	}
	return append(b, ']'), nil
}

// ErrorBody is the error object of webhooks: {"error":{"code","message"}}. In a
// stream it is the last line, with the recipient; in a collected answer it carries
// the replies that were given before the failure.
type ErrorBody struct {
	RecipientID string      `json:"recipient_id,omitempty"`
	Error       ErrorObject `json:"error"`
	Replies     []Reply     `json:"replies,omitempty"`
}

// ErrorObject is an error as a caller sees it: the name of its Code and its message.
type ErrorObject struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

func errorObject(e *Error) ErrorObject {
	return ErrorObject{Code: e.Code.String(), Message: e.Message}
}

// ErrorNoter is the role of an http.ResponseWriter that is told with which error a request
// is answered, for the channel's log: the cause is not in the answer.
type ErrorNoter interface{ NoteError(err error) }

// noteError tells the ErrorNoter, where there is one below w.
func noteError(w http.ResponseWriter, err error) {
	for {
		if n, ok := w.(ErrorNoter); ok {
			n.NoteError(err)
			return
		}
		u, ok := w.(interface{ Unwrap() http.ResponseWriter })
		if !ok {
			return
		}
		w = u.Unwrap()
	}
}

// WriteError answers with the error object and the status of its code.
func WriteError(w http.ResponseWriter, err error) {
	noteError(w, err)
	e := AsError(err)
	if e.RetryAfter > 0 {
		w.Header().Set("Retry-After", RetryAfter(e))
	}
	if e.Code == CodeUnauthenticated {
		w.Header().Set("WWW-Authenticate", `Bearer realm="manyvox"`)
	}
	body, err := Marshal(ErrorBody{Error: errorObject(e), Replies: e.Replies})
	if err != nil { // one of the replies is no JSON
		body, _ = Marshal(ErrorBody{Error: errorObject(e)})
	}
	writeJSON(w, e.Code.HTTP(), body)
}

// RetryAfter returns the error's RetryAfter in whole seconds, at least 1, as the
// header of that name wants it.
func RetryAfter(e *Error) string {
	return strconv.Itoa(max(1, int(math.Ceil(e.RetryAfter.Seconds()))))
}

func writeJSON(w http.ResponseWriter, status int, body json.RawMessage) {
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body) // a caller that is gone needs no answer
}
