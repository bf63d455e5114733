package rpc

import (
	"encoding/json"
	"errors"
	"fmt"

	"google.golang.org/protobuf/types/known/structpb"

	"github.com/manyvox/manyvox/channels"
	manyvoxv1 "github.com/manyvox/manyvox/gen/manyvox/v1"
)

// sentReply converts a reply that a caller wants to be sent: the inverse of replyOf.
func sentReply(r *manyvoxv1.Reply) (*channels.Reply, error) {
	out := &channels.Reply{Text: r.GetText(), Format: channels.Format(r.GetFormat()), Image: r.GetImage()}
	err := out.Format.Validate()
	if err != nil {
		return nil, err
	}
	if out.Custom, err = rawOf("custom", r.GetCustom()); err != nil {
		return nil, err
	}
	if text := r.GetCustomJson(); text != "" {
		if !json.Valid([]byte(text)) {
			return nil, errors.New("custom_json: not JSON")
		}
		out.Custom = json.RawMessage(text)
	}
	if out.Attachment, err = rawOf("attachment", r.GetAttachment()); err != nil {
		return nil, err
	}
	if text := r.GetAttachmentJson(); text != "" {
		if !json.Valid([]byte(text)) {
			return nil, errors.New("attachment_json: not JSON")
		}
		out.Attachment = json.RawMessage(text)
	}
	for i, b := range r.GetButtons() {
		button := channels.Button{Title: b.GetTitle(), Payload: b.GetPayload()}
		if button.Extra, err = rawFields(b.GetExtra()); err != nil {
			return nil, fmt.Errorf("buttons[%d].extra.%w", i, err)
		}
		if text := b.GetExtraJson(); text != "" {
			if button.Extra = nil; json.Unmarshal([]byte(text), &button.Extra) != nil {
				return nil, fmt.Errorf("buttons[%d].extra_json: not a JSON object", i)
			}
		}
		out.Buttons = append(out.Buttons, button)
	}
	return out, nil
}

// rawOf returns a value as JSON, nil when there is none.
func rawOf(name string, v *structpb.Value) (json.RawMessage, error) {
	if v == nil {
		return nil, nil
	}
	raw, err := appendValue(nil, v)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return raw, nil
}

func rawFields(s *structpb.Struct) (map[string]json.RawMessage, error) {
	if len(s.GetFields()) == 0 {
		return nil, nil
	}
	fields := make(map[string]json.RawMessage, len(s.GetFields()))
	for key, v := range s.GetFields() {
		raw, err := rawOf(key, v)
		if err != nil {
			return nil, err
		}
		fields[key] = raw
	}
	return fields, nil
}
