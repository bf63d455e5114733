package remote

import (
	"context"
	"fmt"
	"strings"

	"github.com/manyvox/manyvox/channels"
	manyvoxv1 "github.com/manyvox/manyvox/gen/manyvox/v1"
)

// paragraph stands between the texts of what an agent of the service has said as one.
const paragraph = "\n\n"

// decoder gives the events of a stream to the replier.
//
// A Manyvox cuts a text at its blank lines: the pieces of each paragraph have a reply_id of
// their own, and the complete replies follow when the whole text is there. So the pieces go on
// as one text, and its paragraphs are put together to one reply, which our own channel cuts as
// it pleases.
type decoder struct {
	replier   channels.Replier
	recipient string
	shown     bool
	// growing are the reply_ids of the text in progress, text its pieces, and whole the
	// paragraphs of which the complete reply is there.
	growing []string
	text    strings.Builder
	format  channels.Format
	whole   []string
}

// event takes one event. One that it does not know is passed over: newer versions may add some.
func (d *decoder) event(ctx context.Context, e *manyvoxv1.ReceiveStreamResponse) error {
	if delta := e.GetDelta(); delta != nil {
		return d.delta(ctx, delta)
	}
	if reply := e.GetReply(); reply != nil {
		return d.reply(ctx, reply)
	}
	return nil
}

func (d *decoder) delta(ctx context.Context, e *manyvoxv1.Delta) error {
	format := channels.Format(e.GetFormat())
	if err := format.Validate(); err != nil {
		return unreadable(err)
	}
	text := e.GetText()
	if n := len(d.growing); n == 0 || d.growing[n-1] != e.GetReplyId() {
		if n > 0 {
			text = paragraph + text
		}
		d.growing = append(d.growing, e.GetReplyId())
	}
	if text == "" {
		return nil
	}
	d.shown, d.format = true, format
	d.text.WriteString(text)
	return channels.DeltaIn(ctx, d.replier, format, text)
}

func (d *decoder) reply(ctx context.Context, e *manyvoxv1.StreamReply) error {
	reply, err := replyOf(e.GetReply())
	if err != nil {
		return err
	}
	reply.RecipientID = d.recipient
	n := len(d.whole)
	if n >= len(d.growing) || d.growing[n] != e.GetReplyId() || reply.Kind() != channels.KindText {
		return d.give(ctx, e.GetReplyId(), *reply)
	}
	d.whole = append(d.whole, reply.Text)
	if len(d.whole) < len(d.growing) {
		return nil
	}
	reply.Text = strings.Join(d.whole, paragraph)
	d.done()
	return d.replier.Reply(ctx, *reply)
}

// give gives a reply that is more than a paragraph of the text in progress. It completes the
// text when that has the same id and nothing else, as the text above buttons; any other reply
// stands for itself, and the text is completed first.
func (d *decoder) give(ctx context.Context, id string, reply channels.Reply) error {
	if completes := len(d.growing) == 1 && d.growing[0] == id && reply.Text != ""; !completes {
		if err := d.end(ctx); err != nil {
			return err
		}
	}
	d.done()
	d.shown = true
	return d.replier.Reply(ctx, reply)
}

// end completes a text of which the service has sent only pieces.
func (d *decoder) end(ctx context.Context) error {
	if d.text.Len() == 0 {
		return nil
	}
	reply := channels.Reply{RecipientID: d.recipient, Text: d.text.String(), Format: d.format}
	d.done()
	return d.replier.Reply(ctx, reply)
}

func (d *decoder) done() {
	d.growing, d.whole = nil, nil
	d.text.Reset()
}

// unreadable returns the error of an event that a service should not send.
func unreadable(err error) error {
	return &channels.Error{Code: channels.CodeAgentFailed, Message: "agent remote: the answer of the service cannot be read", Err: err}
}

// tooLarge returns the error of a reply that is over what the API takes, and so is not there.
func tooLarge(size int64) error {
	return &channels.Error{
		Code: channels.CodeTooLarge, Message: "agent remote: a reply of the service is too large for its API",
		Err: fmt.Errorf("it has %d bytes", size),
	}
}
