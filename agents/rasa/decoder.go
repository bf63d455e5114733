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

// decoder decodes the replies of one turn from Rasa's response, forwards them to the
// replier and counts them.
type decoder struct {
	replier   channels.Replier
	recipient string
	secrets   *strings.Replacer
	// whole says that the server has not expanded its replies.
	whole   bool
	replies int
}

// decodeLines forwards the replies of a streamed response, one line each. It ignores
// the Content-Type, since Rasa labels its lines text/event-stream.
func (d *decoder) decodeLines(ctx context.Context, answer io.Reader) error {
	return eachLine(answer, func(n int, object json.RawMessage) error {
		return d.forward(ctx, "line", n, object)
	})
}

// decodeArray forwards the replies of a collected response, one JSON array. It reads the
// whole array first, so that a response which breaks off shows nothing. The answer bounds
// itself.
func (d *decoder) decodeArray(ctx context.Context, answer io.Reader) error {
	body, err := io.ReadAll(answer)
	if err != nil {
		return err
	}
	var objects []json.RawMessage
	if json.Unmarshal(body, &objects) != nil || objects == nil {
		return badResponse("the body is not a JSON array")
	}
	for i, object := range objects {
		if err := d.forward(ctx, "reply", i+1, object); err != nil {
			return err
		}
	}
	return nil
}

// forward gives one reply object to the replier. An object that is not a reply ends the
// turn, since what follows it cannot be trusted either.
func (d *decoder) forward(ctx context.Context, place string, n int, object json.RawMessage) error {
	var keys channels.Body
	if json.Unmarshal(object, &keys) != nil || keys == nil {
		return badResponse("%s %d is not a JSON object", place, n)
	}
	if !utf8.Valid(object) { // custom is forwarded as it is, also to where only UTF-8 may go
		return badResponse("%s %d is not UTF-8", place, n)
	}
	if err := d.reportedError(keys); err != nil {
		return err
	}
	var reply channels.Reply
	if err := reply.UnmarshalJSON(object); err != nil {
		return badResponse("%s %d: %w", place, n, err)
	}
	if !hasContent(reply, keys) {
		return nil
	}
	d.replies++
	reply.RecipientID = d.recipient // Rasa names the sender of the template
	reply.Rendered = !d.whole
	return d.replier.Reply(ctx, reply)
}

// hasContent reports whether a reply holds anything. An empty text does, since Rasa sends
// it between two blank lines; an absent one does not.
func hasContent(reply channels.Reply, keys channels.Body) bool {
	return reply.Kind() != channels.KindText || keys.Raw("text") != nil
}

// reportedError returns the error of {"error":{"code","message"}}, by which another
// Manyvox, if it is used in place of Rasa, ends a turn that failed.
func (d *decoder) reportedError(keys channels.Body) error {
	var e channels.ErrorObject
	if json.Unmarshal(keys.Raw("error"), &e) != nil || e == (channels.ErrorObject{}) {
		return nil
	}
	return &channels.Error{
		Code: channels.CodeAgentFailed, Message: "agent rasa: the server reports a failure",
		Err: fmt.Errorf("%.40s: %.200s", d.secrets.Replace(e.Code), d.secrets.Replace(e.Message)),
	}
}
