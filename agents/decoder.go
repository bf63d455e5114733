package agents

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/manyvox/manyvox/channels"
)

// Decoder takes what an assistant answers in a turn, one JSON object after another, and gives
// it to the replier. An object is a reply with the keys of Rasa's REST channel; or
// {"delta": "..."}, a piece of a text, of which the next text is the whole; or
// {"error": {"code", "message"}}, which ends the turn.
type Decoder struct {
	// Name is the agent's type, for errors.
	Name string
	// Peer is what errors call the assistant, such as "the program".
	Peer string
	// Replier takes the replies.
	Replier channels.Replier
	// Recipient is the sender of the message.
	Recipient string

	shown   bool
	pending strings.Builder // the pieces that no reply has completed yet
	format  channels.Format // of the pieces
}

// Object takes the next object. Place and n say where it stands, for an error about it. One
// that is none of the three ends the turn, since what follows it cannot be trusted either; one
// that says nothing is passed over.
func (d *Decoder) Object(ctx context.Context, place string, n int, object []byte) error {
	switch {
	case len(object) == 0 || object[0] != '{':
		return d.Unreadable("%s %d is not a JSON object", place, n)
	case !utf8.Valid(object): // custom is forwarded as it is, also to where only UTF-8 may go
		return d.Unreadable("%s %d is not UTF-8", place, n)
	}
	var reply channels.Reply // an object may be large, so it is parsed once
	if err := reply.UnmarshalJSON(object); err != nil {
		return d.Unreadable("%s %d: %w", place, n, err)
	}
	further := channels.Body(reply.Extra)
	switch {
	case further.Raw("error") != nil:
		return d.reported(further.Raw("error"))
	case further.Raw("delta") != nil:
		return d.delta(ctx, place, n, further, reply.Format)
	}
	if err := reply.Validate(); err != nil {
		return d.Unreadable("%s %d: %w", place, n, err)
	}
	if saysNothing(&reply, object) {
		return nil
	}
	return d.reply(ctx, reply)
}

// saysNothing reports whether a reply has no content. An empty text is one, an absent text is
// not.
func saysNothing(reply *channels.Reply, object []byte) bool {
	if reply.Text != "" || reply.Kind() != channels.KindText {
		return false
	}
	var keys channels.Body
	return json.Unmarshal(object, &keys) == nil && keys.Raw("text") == nil
}

// reply gives a reply to the replier. One without a text does not complete the pieces before
// it, so they are completed first.
func (d *Decoder) reply(ctx context.Context, reply channels.Reply) error {
	if reply.Text == "" {
		if err := d.End(ctx); err != nil {
			return err
		}
	}
	d.pending.Reset()
	d.shown = true
	reply.RecipientID = d.Recipient
	return d.Replier.Reply(ctx, reply)
}

func (d *Decoder) delta(ctx context.Context, place string, n int, keys channels.Body, f channels.Format) error {
	text, _, err := keys.Text("delta")
	if err != nil {
		return d.Unreadable("%s %d: %w", place, n, err)
	}
	if err := f.Validate(); err != nil {
		return d.Unreadable("%s %d: %w", place, n, err)
	}
	if text == "" {
		return nil
	}
	d.pending.WriteString(text)
	d.format, d.shown = f, true
	return channels.DeltaIn(ctx, d.Replier, f, text)
}

// End completes a text of which there were only pieces. It is called when the assistant has
// ended the turn well.
func (d *Decoder) End(ctx context.Context) error {
	if d.pending.Len() == 0 {
		return nil
	}
	text := d.pending.String()
	d.pending.Reset()
	return d.Replier.Reply(ctx, channels.Reply{RecipientID: d.Recipient, Text: text, Format: d.format})
}

// Shown reports whether the user has seen anything of the turn.
func (d *Decoder) Shown() bool { return d.shown }

// reported returns the error that an assistant has told. By unavailable and resource_exhausted
// it says that it has not acted on the message, by invalid_argument that it never will. Its
// message is for the log, since it may hold anything.
func (d *Decoder) reported(raw json.RawMessage) error {
	var object channels.ErrorObject
	if json.Unmarshal(raw, &object) != nil {
		return d.Unreadable(`"error" is not an object with "code" and "message"`)
	}
	err := &channels.Error{
		Code: channels.CodeAgentFailed, Message: fmt.Sprintf("agent %s: %s reports a failure", d.Name, d.Peer),
		Err: fmt.Errorf("%.40s: %.200s", strings.ToValidUTF8(object.Code, "?"), strings.ToValidUTF8(object.Message, "?")),
	}
	switch {
	case object.Code == channels.CodeInvalid.String():
		err.Code = channels.CodeInvalid
	case d.shown: // what was shown cannot be taken back, so the message is not run again
	case object.Code == channels.CodeUnavailable.String():
		err.Code, err.RetryAfter = channels.CodeUnavailable, DefaultRetryAfter
		return NotReached(err)
	case object.Code == channels.CodeOverloaded.String():
		err.Code, err.RetryAfter = channels.CodeOverloaded, DefaultRetryAfter
		return NotReached(err)
	}
	return err
}

// Unreadable returns the error of an answer that the assistant should not have given.
func (d *Decoder) Unreadable(format string, args ...any) error {
	return &channels.Error{
		Code: channels.CodeAgentFailed, Message: fmt.Sprintf("agent %s: the answer of %s cannot be read", d.Name, d.Peer),
		Err: fmt.Errorf(format, args...),
	}
}
