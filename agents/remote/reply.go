package remote

import (
	"encoding/json"
	"fmt"

	"google.golang.org/protobuf/types/known/structpb"

	"github.com/manyvox/manyvox/channels"
	manyvoxv1 "github.com/manyvox/manyvox/gen/manyvox/v1"
)

// replyOf converts a reply: the inverse of what service/rpc does.
func replyOf(r *manyvoxv1.Reply) (*channels.Reply, error) {
	if r.GetKind() == manyvoxv1.Reply_KIND_TOO_LARGE {
		return nil, tooLarge(r.GetTooLarge().GetSize())
	}
	out := &channels.Reply{Text: r.GetText(), Format: channels.Format(r.GetFormat()), Image: r.GetImage()}
	var err error
	if out.Custom, err = jsonOf(r.GetCustomJson(), r.GetCustom()); err != nil {
		return nil, unreadable(fmt.Errorf("custom: %w", err))
	}
	if out.Attachment, err = jsonOf(r.GetAttachmentJson(), r.GetAttachment()); err != nil {
		return nil, unreadable(fmt.Errorf("attachment: %w", err))
	}
	if r.GetKind() == manyvoxv1.Reply_KIND_BUTTONS {
		out.Buttons = []channels.Button{}
	}
	for i, b := range r.GetButtons() {
		button := channels.Button{Title: b.GetTitle(), Payload: b.GetPayload()}
		if button.Extra, err = extraOf(b); err != nil {
			return nil, unreadable(fmt.Errorf("buttons[%d]: %w", i, err))
		}
		out.Buttons = append(out.Buttons, button)
	}
	if err := out.Validate(); err != nil {
		return nil, unreadable(err)
	}
	out.Rendered = out.Kind() != channels.KindText // a reply of the API has one kind, and an empty list of buttons is one
	return out, nil
}

// jsonOf returns a value as JSON, nil when there is none. Its text wins, whose numbers are exact.
func jsonOf(text string, v *structpb.Value) (json.RawMessage, error) {
	switch {
	case text != "":
		return json.RawMessage(text), nil
	case v == nil:
		return nil, nil
	}
	return v.MarshalJSON()
}

func extraOf(b *manyvoxv1.Button) (extra map[string]json.RawMessage, err error) {
	text := []byte(b.GetExtraJson())
	if len(text) == 0 {
		if len(b.GetExtra().GetFields()) == 0 {
			return nil, nil
		}
		if text, err = b.GetExtra().MarshalJSON(); err != nil {
			return nil, err
		}
	}
	return extra, json.Unmarshal(text, &extra)
}
