package rpc

import (
	"github.com/manyvox/manyvox/channels"
	manyvoxv1 "github.com/manyvox/manyvox/gen/manyvox/v1"
)

// repliesOf converts collected replies.
func repliesOf(replies []channels.Reply) []*manyvoxv1.Reply {
	list := make([]*manyvoxv1.Reply, len(replies))
	for i := range replies {
		list[i] = replyOf(&replies[i])
	}
	return list
}

// replyOf converts one reply. Custom goes out twice, as a value that clients can read
// and as the exact JSON, whose numbers a value would round.
func replyOf(r *channels.Reply) *manyvoxv1.Reply {
	out := &manyvoxv1.Reply{
		RecipientId: r.RecipientID, Text: r.Text, Format: string(r.Format), Image: r.Image,
		Attachment: valueOf(r.Attachment), Custom: valueOf(r.Custom), CustomJson: string(r.Custom),
	}
	for _, b := range r.Buttons {
		out.Buttons = append(out.Buttons, &manyvoxv1.Button{Title: b.Title, Payload: b.Payload, Extra: structOf(b.Extra)})
	}
	return out
}
