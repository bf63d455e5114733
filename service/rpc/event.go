package rpc

import (
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/manyvox/manyvox/channels"
	manyvoxv1 "github.com/manyvox/manyvox/gen/manyvox/v1"
	"github.com/manyvox/manyvox/service/journal"
)

// maxMetadata is how many bytes of a message's metadata are shown, so that it can be read by
// clients that take 4 MiB.
const maxMetadata = 2 << 20

// codeDropped is the code of events that are missing.
const codeDropped = "dropped"

// eventOf converts an event.
func (c Events) eventOf(e *channels.Event) *manyvoxv1.Event {
	out := &manyvoxv1.Event{
		Cursor: c.Cursors.Of(e.Cursor), Time: timestamppb.New(e.Time), Channel: valid(e.Channel), Sender: valid(e.Sender), MessageId: valid(e.MessageID),
	}
	code, reason := reasonOf(e.Reason, string(e.Kind))
	switch e.Kind {
	case channels.EventMessage:
		out.Kind = &manyvoxv1.Event_Message{Message: userMessageOf(e.Message)}
	case channels.EventReply:
		out.Kind = &manyvoxv1.Event_Reply{Reply: &manyvoxv1.EventReply{Replies: shownWithin(maxReplySize, e.Replies...)}}
	case channels.EventSent:
		out.Kind = &manyvoxv1.Event_Sent{Sent: &manyvoxv1.EventSent{PartId: e.Part, Receipt: valid(e.Receipt)}}
	case channels.EventDelivered:
		out.Kind = &manyvoxv1.Event_Delivered{Delivered: &manyvoxv1.EventDelivered{PartId: e.Part, Receipt: valid(e.Receipt)}}
	case channels.EventRead:
		out.Kind = &manyvoxv1.Event_Read{Read: &manyvoxv1.EventRead{PartId: e.Part, Receipt: valid(e.Receipt)}}
	case channels.EventUndelivered:
		out.Kind = &manyvoxv1.Event_Undelivered{Undelivered: &manyvoxv1.EventUndelivered{PartId: e.Part, Reason: reason, Code: code}}
	case channels.EventExpired:
		out.Kind = &manyvoxv1.Event_Expired{Expired: &manyvoxv1.EventExpired{PartId: e.Part, Reason: reason, Code: code}}
	case channels.EventRefused:
		out.Kind = &manyvoxv1.Event_Refused{Refused: &manyvoxv1.EventRefused{Reason: reason, Code: code}}
	case channels.EventGap:
		out.Kind = &manyvoxv1.Event_Gap{Gap: &manyvoxv1.EventGap{Reason: reason, Code: codeDropped}}
	case channels.EventFailed:
		out.Kind = &manyvoxv1.Event_Failed{Failed: &manyvoxv1.EventFailed{Reason: reason, Code: code}}
	case channels.EventInterrupted:
		out.Kind = &manyvoxv1.Event_Interrupted{Interrupted: &manyvoxv1.EventInterrupted{Reason: reason, Code: code}}
	}
	return out
}

// reasonOf returns the code and the text of a reason. One that has no code has that of what
// happened.
func reasonOf(reason, happened string) (code, text string) {
	if code, text = journal.SplitReason(valid(reason)); code == "" {
		code = happened
	}
	return code, text
}

// userMessageOf converts a message; nil is one of which nothing could be read.
func userMessageOf(m *channels.Message) *manyvoxv1.UserMessage {
	if m == nil {
		return &manyvoxv1.UserMessage{}
	}
	out := &manyvoxv1.UserMessage{Text: valid(m.Text), InputChannel: valid(m.InputChannel), Address: valid(m.Address)}
	if len(m.Metadata) <= maxMetadata {
		out.MetadataJson = valid(string(m.Metadata))
	}
	for _, a := range m.Attachments {
		out.Attachments = append(out.Attachments, &manyvoxv1.Attachment{
			Type: valid(a.Type), Url: valid(a.URL), Ref: valid(a.Ref), Mime: valid(a.MIME), Name: valid(a.Name), Size: a.Size,
		})
	}
	return out
}

// shownWithin converts replies of a single kind to those that Rasa's REST channel shows. Those
// that have more than so many bytes together with the ones before count as too large.
func shownWithin(size int, replies ...channels.Reply) (shown []*manyvoxv1.Reply) {
	for _, r := range replies {
		for _, c := range channels.Collected(r) {
			out := replyOf(&c)
			if n := proto.Size(out); n > size {
				out = tooLarge(&c)
			} else {
				size -= n
			}
			shown = append(shown, out)
		}
	}
	return shown
}

// deadLetterOf converts a dead letter.
func deadLetterOf(d *journal.DeadLetter) *manyvoxv1.DeadLetter {
	code, reason := reasonOf(d.Reason, d.Kind)
	out := &manyvoxv1.DeadLetter{
		Id: d.ID, Kind: deadKinds[d.Kind], Reason: reason, Code: code, Died: timestamppb.New(d.Died), MayRepeat: d.Kind == journal.KindInterrupted,
	}
	switch {
	case d.Message != nil:
		m := d.Message
		out.Channel, out.Sender, out.MessageId = valid(m.Channel), valid(m.Sender), valid(m.ID)
		out.Content = &manyvoxv1.DeadLetter_Message{Message: userMessageOf(m)}
	case d.Part != nil:
		p := d.Part
		out.Channel, out.Sender = valid(p.Channel), valid(p.Sender)
		out.Content = &manyvoxv1.DeadLetter_Part{Part: partOf(p)}
	}
	return out
}

var deadKinds = map[string]manyvoxv1.DeadLetter_Kind{
	journal.KindFailed:      manyvoxv1.DeadLetter_KIND_FAILED,
	journal.KindInterrupted: manyvoxv1.DeadLetter_KIND_INTERRUPTED,
	journal.KindUndelivered: manyvoxv1.DeadLetter_KIND_UNDELIVERED,
	journal.KindUnreadable:  manyvoxv1.DeadLetter_KIND_UNREADABLE,
	journal.KindExpired:     manyvoxv1.DeadLetter_KIND_EXPIRED,
	journal.KindRefused:     manyvoxv1.DeadLetter_KIND_REFUSED,
}

// partOf converts a part. One that stands for several replies on REST, a list of cards
// that was never fitted, shows the first.
func partOf(p *channels.Part) *manyvoxv1.Part {
	out := &manyvoxv1.Part{Id: p.ID, Address: valid(p.Address)}
	if shown := shownWithin(maxReplySize, p.Reply); len(shown) > 0 {
		out.Reply = shown[0]
		if large := out.GetReply().GetTooLarge(); large != nil {
			large.PartId = p.ID
		}
	}
	return out
}

// valid replaces what is no UTF-8, which protobuf refuses: a platform may have sent it.
func valid(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }
