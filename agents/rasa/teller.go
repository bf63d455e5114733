package rasa

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/manyvox/manyvox/channels"
)

// maxBody is the longest collected answer, in bytes.
const maxBody = 16 << 20

// teller passes the replies of one turn on and counts them.
type teller struct {
	replier   channels.Replier
	recipient string
	secrets   *strings.Replacer
	replies   int
}

// lines tells a streamed answer, whatever its label says: Rasa calls its lines
// text/event-stream.
func (t *teller) lines(ctx context.Context, answer io.Reader) error {
	return eachLine(answer, maxLine, func(n int, object json.RawMessage) error {
		return t.tell(ctx, "line", n, object)
	})
}

// array tells a collected answer. It is read whole before the first reply is told,
// so that one which breaks off has shown nothing.
func (t *teller) array(ctx context.Context, answer io.Reader) error {
	body, err := io.ReadAll(io.LimitReader(answer, maxBody+1))
	if err != nil {
		return err
	}
	if len(body) > maxBody {
		return garbled("the body is larger than %d bytes", maxBody)
	}
	var objects []json.RawMessage
	if json.Unmarshal(body, &objects) != nil || objects == nil {
		return garbled("the body is not a JSON array")
	}
	for i, object := range objects {
		if err := t.tell(ctx, "reply", i+1, object); err != nil {
			return err
		}
	}
	return nil
}

// tell passes one reply object on. What is not a reply ends the turn, since what
// follows it cannot be trusted either.
func (t *teller) tell(ctx context.Context, place string, n int, object json.RawMessage) error {
	var keys channels.Body
	if json.Unmarshal(object, &keys) != nil || keys == nil {
		return garbled("%s %d is not a JSON object", place, n)
	}
	if !utf8.Valid(object) { // custom is passed on as it is, also to where only UTF-8 may go
		return garbled("%s %d is not UTF-8", place, n)
	}
	if err := t.reported(keys); err != nil {
		return err
	}
	var reply channels.Reply
	if err := reply.UnmarshalJSON(object); err != nil {
		return garbled("%s %d: %w", place, n, err)
	}
	if !says(reply, keys) {
		return nil
	}
	t.replies++
	reply.RecipientID = t.recipient // Rasa names the sender of the template
	reply.Rendered = true
	return t.replier.Reply(ctx, reply)
}

// says reports whether a reply holds anything. An empty text does, since Rasa sends
// it between two blank lines; an absent one does not.
func says(reply channels.Reply, keys channels.Body) bool {
	return reply.Kind() != channels.KindText || keys.Raw("text") != nil
}

// reported returns the error of {"error":{"code","message"}}, by which another
// Manyvox, when it stands in Rasa's place, ends a turn that failed.
func (t *teller) reported(keys channels.Body) error {
	var e channels.ErrorObject
	if json.Unmarshal(keys.Raw("error"), &e) != nil || e == (channels.ErrorObject{}) {
		return nil
	}
	return &channels.Error{
		Code: channels.CodeAgentFailed, Message: "agent rasa: the server reports a failure",
		Err: fmt.Errorf("%.40s: %.200s", t.secrets.Replace(e.Code), t.secrets.Replace(e.Message)),
	}
}
