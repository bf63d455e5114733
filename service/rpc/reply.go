package rpc

import (
	"google.golang.org/protobuf/proto"

	"github.com/manyvox/manyvox/channels"
	manyvoxv1 "github.com/manyvox/manyvox/gen/manyvox/v1"
)

const (
	// maxReplySize is how much the replies of one message of the API may have, in bytes, so
	// that it stays within the 4 MiB that clients take.
	maxReplySize = 3 << 20
	// surelySmall is the length in bytes below which a reply needs no measuring: nothing
	// grows twelvefold on its way.
	surelySmall = maxReplySize / 12
)

// errRepliesTooLarge is the answer of Receive in place of too many replies.
var errRepliesTooLarge = channels.Errorf(channels.CodeOverloaded,
	"the replies have more than %d bytes together: ask by ReceiveStream or the webhook", maxReplySize).Because(channels.ReasonRepliesTooLarge)

// repliesOf converts collected replies.
func repliesOf(replies []channels.Reply) []*manyvoxv1.Reply {
	list := make([]*manyvoxv1.Reply, len(replies))
	for i := range replies {
		list[i] = replyOf(&replies[i])
	}
	return list
}

// replyOf converts one reply. JSON goes out twice, as a value that clients can read and as the
// exact text, whose numbers a value would round.
func replyOf(r *channels.Reply) *manyvoxv1.Reply {
	out := &manyvoxv1.Reply{
		RecipientId: r.RecipientID, Kind: kindOf(r), Format: string(r.Format), Image: r.Image,
		Attachment: valueOf(r.Attachment), AttachmentJson: string(r.Attachment),
		Custom: valueOf(r.Custom), CustomJson: string(r.Custom),
	}
	if k := out.GetKind(); r.Text != "" || k == manyvoxv1.Reply_KIND_TEXT || k == manyvoxv1.Reply_KIND_BUTTONS {
		out.Text = &r.Text
	}
	for _, b := range r.Buttons {
		extra, text := structOf(b.Extra)
		out.Buttons = append(out.Buttons, &manyvoxv1.Button{Title: b.Title, Payload: b.Payload, Extra: extra, ExtraJson: text})
	}
	if lengthOf(r) > surelySmall && proto.Size(out) > maxReplySize {
		return tooLarge(r)
	}
	return out
}

// tooLarge returns what stands for a reply that is too large.
func tooLarge(r *channels.Reply) *manyvoxv1.Reply {
	return &manyvoxv1.Reply{
		RecipientId: r.RecipientID, Kind: manyvoxv1.Reply_KIND_TOO_LARGE,
		TooLarge: &manyvoxv1.TooLarge{Kind: kindOf(r), Size: sizeOf(r)},
	}
}

// kindOf returns the kind of a reply as Rasa's REST channel shows it.
func kindOf(r *channels.Reply) manyvoxv1.Reply_Kind {
	switch {
	case r.Buttons != nil:
		return manyvoxv1.Reply_KIND_BUTTONS
	case r.Custom != nil:
		return manyvoxv1.Reply_KIND_CUSTOM
	case r.Image != "":
		return manyvoxv1.Reply_KIND_IMAGE
	case r.Attachment != nil:
		return manyvoxv1.Reply_KIND_ATTACHMENT
	}
	return manyvoxv1.Reply_KIND_TEXT
}

// lengthOf returns about how many bytes a reply has.
func lengthOf(r *channels.Reply) int {
	n := len(r.Text) + len(r.Image) + len(r.Attachment) + len(r.Custom)
	for _, b := range r.Buttons {
		n += len(b.Title) + len(b.Payload)
		for key, value := range b.Extra {
			n += len(key) + len(value)
		}
	}
	return n
}

// sizeOf returns how many bytes of JSON a reply has.
func sizeOf(r *channels.Reply) int64 {
	text, err := r.AppendJSON(nil)
	if err != nil { // agents give JSON alone
		return int64(lengthOf(r))
	}
	return int64(len(text))
}

// areTooLarge reports whether collected replies are too large for one answer.
func areTooLarge(replies []channels.Reply, res *manyvoxv1.ReceiveResponse) bool {
	n := 0
	for i := range replies {
		n += lengthOf(&replies[i])
	}
	return n > surelySmall && proto.Size(res) > maxReplySize
}
